// For those who build an agent.

export { Agent } from './agent.ts';
export type { AnyAgent } from './agent.ts';
export type {
  AgentOptions,
  AgentToolOptions,
  CallDecision,
  DecideCall,
  ResumeOptions,
  RunArguments,
  RunOptions,
} from './options.ts';
export type { Run } from './run.ts';
export type { CallMade, RunResult, SuspendedRun } from './base/run-result.ts';
export { inputOf, textOf } from './base/read-content.ts';
export type { Decision } from './base/decision.ts';
export type { ApproveCall } from './calls/approve.ts';
export type { BrokenCall, Repair, RepairCall } from './calls/check-call.ts';
export { fallback } from './answer/fallback.ts';
export type { FallbackOptions } from './answer/fallback.ts';
export { limit } from './limits/limit.ts';
export type { AtLimit, Limit, Spent } from './limits/limit.ts';
export { compact } from './history/compact.ts';
export type { Compaction, Shorten, Shortened } from './history/shorten.ts';
export type { PrepareStep, StepChoice, StepView } from './loop/prepare-step.ts';
export { ModelError, ThroughlineError, ToolError } from './base/error.ts';
export type { ErrorCode, ModelErrorCode, ModelErrorFacts, SessionErrorCode } from './base/error.ts';

// For those who watch a run.

export type {
  AnswerGiven,
  RequestChange,
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
  RunStart,
  StopReason,
  ThrownError,
} from './base/event.ts';
export { EventQueue } from './run/event-queue.ts';
export type { Listener } from './run/listeners.ts';

// For those who write tools.

export { prefix, tool } from './tool/tool.ts';
export type {
  Approval,
  ApprovalScope,
  CallScope,
  AroundCall,
  CallToApprove,
  CallToRun,
  NestedRun,
  Plug,
  Runnable,
  Tool,
  ToolDefinition,
  Toolkit,
} from './tool/tool.ts';
export type {
  Issue,
  OutputOf,
  Parsed,
  Schema,
  SchemaSource,
  StandardSchema,
  TypedSchema,
} from './tool/schema/schema.ts';

// For those who write a transport.

export type {
  FinishReason,
  Json,
  JsonSchema,
  Model,
  ModelPart,
  ModelRequest,
  ToolSpec,
  Usage,
} from './base/model.ts';
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
} from './base/message.ts';
export { checkOptions } from './base/check-options.ts';

// For those who write a store or an engine.

export { Session } from './record/session.ts';
export type { SessionRun, SessionState } from './record/session.ts';
export { sessionVersion } from './record/session-log.ts';
export type { SessionLine, SessionLog } from './record/session-log.ts';
export { sessionRecorder } from './record/session-recorder.ts';
export type { SessionInfo, SessionStore } from './record/session-store.ts';
export { foldMessages } from './history/conversation.ts';
export { requestOf } from './history/request-of.ts';
export type { RecordedRequest, StepOfRun } from './history/request-of.ts';
export { withChange } from './history/request-setup.ts';
export type { RequestSetup } from './history/request-setup.ts';
export { inProcess, Suspension } from './record/recorder.ts';
export type { AskHost, AskPerson, Patience } from './record/asking.ts';
export type { InProcessOptions, Recorder, StepScope } from './record/recorder.ts';
export { checkDecision } from './base/decision.ts';
export { addUsage, noUsage } from './base/model.ts';
