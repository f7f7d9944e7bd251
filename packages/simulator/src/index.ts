export { startSimulator, type Simulator } from './simulator.ts';
export { simulatorCommand, type CommandOutput } from './cli/command.ts';
export { help as simulatorHelp } from './cli/flags.ts';
export type { SimulatorOptions } from './options.ts';
export type { Strictness } from './rules/gateway.ts';
export type { ErrorBody } from './wire/refusal.ts';
export type {
  Script,
  ScriptedAnswer,
  ScriptedCall,
  ScriptedUsage,
} from './script/scripted-answer.ts';
export type {
  ChatCall,
  ChatMessage,
  ChatRequest,
  ChatTool,
  ContentPart,
} from './wire/chat-request.ts';
export type { Lint, RecordedRequest } from './wire/recorded-request.ts';
export { faults, type FaultName } from './fault/all.ts';
export type { FaultKind } from './fault/fault.ts';
export type { FaultUse, FaultUseObject } from './fault/plan.ts';
export { checkHistory, type HistoryBreach, type HistoryOptions } from './rules/history.ts';
export { checkParameters, checkSchema } from './rules/schema.ts';
export {
  documentedLimits,
  serverLimits,
  type SchemaBreach,
  type SchemaLimits,
} from './rules/schema-rule.ts';
