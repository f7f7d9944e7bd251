export { startSimulator, type Simulator } from './simulator.ts';
export type { SimulatorOptions } from './settings.ts';
export type { Strictness } from './gateway.ts';
export type { ErrorBody } from './refusal.ts';
export type { Script, ScriptedAnswer, ScriptedCall, ScriptedUsage } from './scripted-answer.ts';
export type { ChatCall, ChatMessage, ChatRequest, ChatTool, ContentPart } from './chat-request.ts';
export type { Lint, RecordedRequest } from './record.ts';
export { faults, type FaultName } from './faults.ts';
export type { FaultKind } from './fault.ts';
export type { FaultUse, FaultUseObject } from './fault-plan.ts';
export { checkHistory, type HistoryBreach, type HistoryOptions } from './history.ts';
export { checkParameters, checkSchema } from './schema.ts';
export {
  documentedLimits,
  serverLimits,
  type SchemaBreach,
  type SchemaLimits,
} from './schema-rule.ts';
