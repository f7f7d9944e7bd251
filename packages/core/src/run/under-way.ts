// What only a run under way needs: loaded with the first one.
export { Deadline } from '../limits/deadline.ts';
export { loop } from '../loop.ts';
export { askPerson } from './ask-person.ts';
export { toResult } from './to-result.ts';
