import type { ChatRequest } from '../wire/chat-request.ts';
import type { ScriptedAnswer } from './scripted-answer.ts';

/** The model without a script: it says that it is scripted, and names the tools it will not call. */
export function defaultScript(request: ChatRequest): ScriptedAnswer {
  const names = (Array.isArray(request.tools) ? request.tools : []).map(
    (tool) => tool?.function?.name,
  );
  const offered =
    names.length > 0
      ? ` I was offered ${names.length === 1 ? 'the tool' : 'the tools'} ${names.join(', ')}, and call none of them without a script.`
      : '';
  return {
    reasoning:
      'This reasoning is scripted: no script was given, so there is nothing to think about.',
    text: `I am a scripted model inside the simulator, not Kimi, and this is its default script. You sent ${request.messages.length} message${request.messages.length === 1 ? '' : 's'}.${offered}`,
  };
}
