// What stands in a request beside the messages; the same as in ../src/contender.ts, which is TypeScript.
export const model = 'kimi-k2.6';
export const apiKey = 'bench';
export const question = 'Look at every place and tell me what you saw.';
export const about = { name: 'look', description: 'Looks at a place.', at: 'Where to look.' };
