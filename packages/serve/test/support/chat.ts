import * as ai6 from 'ai';
import * as ai7 from 'ai7';

/** The chat of the AI SDK without a page: its own class and transport, with a state that is plain data. */
export interface Chat {
  readonly messages: ai6.UIMessage[];
  readonly status: string;
  readonly error: Error | undefined;
  sendMessage(message: { text: string }): Promise<void>;
  addToolApprovalResponse(answer: {
    id: string;
    approved: boolean;
    reason?: string;
  }): PromiseLike<void> | void;
  stop(): Promise<void>;
  resumeStream(): Promise<void>;
}

export interface ChatOptions {
  readonly id?: string;
  readonly api: string;
  readonly messages?: ai6.UIMessage[];
  readonly onData?: (part: unknown) => void;
}

export const versions: readonly (readonly [string, (options: ChatOptions) => Chat])[] = [
  ['6', (options) => chatOf(ai6, options)],
  ['7', (options) => chatOf(ai7 as unknown as typeof ai6, options)],
];

function chatOf(ai: typeof ai6, { id = 'chat', api, messages = [], onData }: ChatOptions): Chat {
  class PlainChat extends ai.AbstractChat<ai6.UIMessage> {}
  const state = {
    status: 'ready' as const,
    error: undefined,
    messages: [...messages],
    pushMessage(message: ai6.UIMessage) {
      this.messages = [...this.messages, message];
    },
    popMessage() {
      this.messages = this.messages.slice(0, -1);
    },
    replaceMessage(index: number, message: ai6.UIMessage) {
      this.messages = this.messages.with(index, structuredClone(message));
    },
    snapshot: <T>(value: T): T => structuredClone(value),
  };
  return new PlainChat({
    id,
    state,
    transport: new ai.DefaultChatTransport({ api }),
    sendAutomaticallyWhen: ai.lastAssistantMessageIsCompleteWithApprovalResponses,
    ...(onData && { onData }),
  });
}
