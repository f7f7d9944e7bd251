/**
 * A request as it came over the wire, parsed. This folder owns the shapes on the wire, both ways, and the record of what
 * crossed it; it judges nothing and sends nothing. At strictness `moonshot` it is what the types say;
 * at `gateway` and `lenient` nothing but the outer object and the list of messages was checked.
 */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly thinking?: { readonly type: 'enabled' | 'disabled'; readonly keep?: 'all' | null };
  readonly tools?: readonly ChatTool[];
  readonly tool_choice?: string | { readonly type: string; readonly function: { name: string } };
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly max_completion_tokens?: number;
  readonly [field: string]: unknown;
}

/** One message of a request. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content?: string | readonly ContentPart[] | null;
  readonly reasoning_content?: string | null;
  readonly tool_calls?: readonly ChatCall[];
  readonly tool_call_id?: string;
  readonly name?: string;
  readonly [field: string]: unknown;
}

/** One part of a content list: text, an image or a video. */
export interface ContentPart {
  readonly type: string;
  readonly text?: string;
  readonly [field: string]: unknown;
}

/** A call in the history. `arguments` is JSON text. */
export interface ChatCall {
  readonly id: string;
  readonly type: string;
  readonly function: { readonly name: string; readonly arguments: string };
  readonly [field: string]: unknown;
}

/** A tool the model is offered. */
export interface ChatTool {
  readonly type: string;
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly parameters?: unknown;
    readonly strict?: boolean;
  };
}

/** Whether the request leaves thinking on, which it is unless it is disabled by name. */
export function isThinking(request: ChatRequest): boolean {
  return request.thinking?.type !== 'disabled';
}

/** How many calls the history of a request holds; the next native id carries this number. */
export function countCalls(messages: readonly ChatMessage[]): number {
  let count = 0;
  for (const message of messages) {
    if (Array.isArray(message.tool_calls)) count += message.tool_calls.length;
  }
  return count;
}
