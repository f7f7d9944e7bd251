export { ModelError, ThroughlineError, ToolError } from './error.ts';
export type { ErrorCode, ModelErrorCode, ModelErrorFacts } from './error.ts';
export type { Effect } from './event.ts';
export { prefix, tool } from './tool.ts';
export type { Approval, CallScope, Plug, Tool, ToolDefinition, Toolkit } from './tool.ts';
export type { Issue, OutputOf, Parsed, Schema, SchemaSource, StandardSchema } from './schema.ts';
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
