import type { Session } from '@throughline/core';

/** What every contender is given to do. */
export interface Work {
  /** Where `/chat/completions` is. The server takes any key. */
  readonly baseURL: string;
  /** More answers than this a run never needs. */
  readonly maxSteps: number;
  /** What the one tool does: `look({ at })`. It changes nothing, so it may be called early. */
  look(at: string): Promise<string>;
  /** Is given each piece of text and reasoning as it comes; where it is absent, nobody watches. */
  readonly onDelta?: (delta: string) => void;
  /** Opens a session to record a run in; where it is absent, nothing is recorded. */
  readonly open?: () => Promise<Session>;
}

/** A way to run an agent: a framework, or a loop written by hand. */
export interface Contender {
  /** Makes what a program makes once. What is returned runs an agent to its end and gives its last text. */
  prepare(work: Work): () => Promise<string>;
  /** Makes the same; what is returned starts a run, and resolves once its call waits for a person, who never comes. */
  wait?(work: Pick<Work, 'baseURL'>): () => Promise<void>;
}

/** What stands in a request beside the messages, alike for all. */
export const model = 'kimi-k2.6';
export const apiKey = 'bench';
export const question = 'Look at every place and tell me what you saw.';
export const about = { name: 'look', description: 'Looks at a place.', at: 'Where to look.' };

/** A contender on the list, and where its code is. */
export interface Entry {
  readonly name: string;
  readonly file: URL;
  /** What a user installs for it, as in its package.json. */
  readonly packages: readonly string[];
  readonly peer: boolean;
}

const own = (name: string, file: string, packages: readonly string[]): Entry => ({
  name,
  file: new URL(`./contenders/${file}.js`, import.meta.url),
  packages,
  peer: false,
});

const peer = (name: string, file: string, packages: readonly string[]): Entry => ({
  name,
  file: new URL(`../peers/${file}.mjs`, import.meta.url),
  packages,
  peer: true,
});

/** Whether it is this framework. */
export function isOurs({ packages }: Entry): boolean {
  return packages.includes('@throughline/core');
}

/** The first is what all others are compared with. */
export const entries: readonly Entry[] = [
  own('by hand', 'by-hand', []),
  own('Throughline', 'throughline', ['@throughline/core', '@throughline/anyfast', 'zod']),
  peer('AI SDK', 'ai-sdk', ['ai', '@ai-sdk/openai-compatible', 'zod']),
  peer('OpenAI Agents', 'openai-agents', ['@openai/agents', 'zod']),
  peer('LangChain', 'langchain', ['langchain', '@langchain/openai', 'zod']),
  peer('pi', 'pi', ['@earendil-works/pi-agent-core', '@earendil-works/pi-ai']),
  peer('xsai', 'xsai', ['@xsai/stream-text', '@xsai/tool', 'zod']),
];
