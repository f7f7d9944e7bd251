export { main } from './main.ts';
export { exitCode } from './exit-code.ts';
export type { Command, Host } from './command.ts';
