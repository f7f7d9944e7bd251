/** A piece of text inside a message that also holds pictures or video. */
export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

/** A picture: a `data:` URL with base64 (the endpoint refuses public http URLs). */
export interface ImagePart {
  readonly type: 'image_url';
  readonly image_url: { readonly url: string };
}

/** A video: a `data:` URL with base64. */
export interface VideoPart {
  readonly type: 'video_url';
  readonly video_url: { readonly url: string };
}

export type ContentPart = TextPart | ImagePart | VideoPart;

/** What a message says: plain text, or parts when it holds more than text. */
export type Content = string | readonly ContentPart[];

export interface SystemMessage {
  readonly role: 'system';
  readonly content: Content;
}

export interface UserMessage {
  readonly role: 'user';
  readonly content: Content;
  readonly name?: string;
}

/** One call the model asks for. `arguments` is JSON text as the model wrote it. */
export interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

/**
 * What the model said in one step. The reasoning stands under the key the endpoint spoke it under
 * (`reasoning_content`, or `reasoning` on some hosts), is never edited, and goes back under the same key.
 */
export interface AssistantMessage {
  readonly role: 'assistant';
  /** Absent when the model only made calls. */
  readonly content?: string;
  readonly reasoning_content?: string;
  readonly reasoning?: string;
  readonly tool_calls?: readonly ToolCall[];
}

/** The result of one call, told to the model. */
export interface ToolMessage {
  readonly role: 'tool';
  readonly tool_call_id: string;
  readonly content: Content;
}

/** A chat-completions message, field for field as on the wire. Never changed once made. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;
