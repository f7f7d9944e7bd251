export { Agent } from './agent.ts';
export type {
  AgentOptions,
  AgentToolOptions,
  Decision,
  ResumeOptions,
  RunArguments,
  RunOptions,
} from './agent-options.ts';
export type { ApproveCall, CallToApprove } from './approve.ts';
export type { BrokenCall, Repair, RepairCall } from './check.ts';
export { checkOptions } from './check-options.ts';
export { compact } from './compact.ts';
export type { Compaction, Shorten, Shortened } from './compaction.ts';
export { foldMessages } from './conversation.ts';
export { ModelError, ThroughlineError, ToolError } from './error.ts';
export type { ErrorCode, ModelErrorCode, ModelErrorFacts, SessionErrorCode } from './error.ts';
export type {
  AnswerGiven,
  AnswerTiming,
  CallDecided,
  CallEnd,
  CallOutcome,
  CallPending,
  CallStart,
  Effect,
  EventOf,
  HistoryCompacted,
  LimitReading,
  LiveEvent,
  LogEntry,
  MessageHeard,
  RecordedEvent,
  RunEnd,
  RunEvent,
  RunResult,
  RunStart,
  StopReason,
  SuspendedRun,
  ThrownError,
} from './event.ts';
export { limit } from './limit.ts';
export type { AtLimit, Limit, Spent } from './limit.ts';
export type { Listener } from './listeners.ts';
export type {
  AssistantMessage,
  Content,
  ContentPart,
  ImagePart,
  Message,
  SystemMessage,
  TextPart,
  ToolCall,
  ToolMessage,
  UserMessage,
  VideoPart,
} from './message.ts';
export type {
  FinishReason,
  Json,
  JsonSchema,
  Model,
  ModelPart,
  ModelRequest,
  ToolSpec,
  Usage,
} from './model.ts';
export type { PrepareStep, StepChoice, StepView } from './plan.ts';
export { inProcess, Suspension } from './recorder.ts';
export type { InProcessOptions, Recorder, StepScope } from './recorder.ts';
export type { Run } from './run.ts';
export type {
  Issue,
  OutputOf,
  Parsed,
  Schema,
  SchemaSource,
  StandardSchema,
  TypedSchema,
} from './schema.ts';
export { Session } from './session.ts';
export type { SessionRun, SessionState } from './session.ts';
export { sessionVersion } from './session-log.ts';
export type { SessionLine, SessionLog } from './session-log.ts';
export { sessionRecorder } from './session-recorder.ts';
export type { SessionInfo, SessionStore } from './session-store.ts';
export { prefix, tool } from './tool.ts';
export type {
  Approval,
  ApprovalScope,
  CallScope,
  NestedRun,
  Plug,
  Tool,
  ToolDefinition,
  Toolkit,
} from './tool.ts';
