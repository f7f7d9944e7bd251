export { operands } from './rule.ts';
export type { CommandRule } from './rule.ts';
export { isolated } from './sandbox.ts';
export type { Sandbox } from './sandbox.ts';
export { shell } from './shell.ts';
export type { ShellOptions } from './shell.ts';
