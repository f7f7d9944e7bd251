import { textOf } from '@throughline/core';
import type { Content } from '@throughline/core';
import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import { askedIn, found, toldIn } from '../lib/told.ts';
import type { Told } from '../lib/told.ts';

/** A scripted clerk. It takes places and times from the question, and what "back" means from the conversation so far. */
export function clerk(request: ChatRequest): ScriptedAnswer {
  const asked = askedIn(request);
  const told = toldIn(request).at(-1);
  if (told !== undefined) return { reasoning: 'The timetable says it.', text: answerFrom(told) };
  if (/\bfirst\b/.test(asked)) return { text: `You first asked: “${firstQuestion(request)}”` };
  const before = toldIn(request, 'start').at(-1);
  if (/\bback\b/.test(asked) && before !== undefined) return wayBack(before);
  const [from, to] =
    asked
      .match(/\b[A-Z][a-z]+(?=\b)/g)
      ?.filter((word) => !/^(When|And|Which|Is|What)$/.test(word)) ?? [];
  if (from === undefined || to === undefined) {
    return { text: 'I am a script. Ask me: When is a ferry from Harbour to Island after 09:00?' };
  }
  const after = /(\d?\d:\d\d)/.exec(asked)?.[1]?.padStart(5, '0');
  return look({ from, to, ...(after === undefined ? {} : { after }) });
}

function look(input: object): ScriptedAnswer {
  return {
    reasoning: 'I look into the timetable.',
    calls: [{ name: 'find_ferries', arguments: input }],
  };
}

/** The other way round, once the ferry of the question before has arrived. */
function wayBack({ input, text }: Told): ScriptedAnswer {
  const after = /arrives (\d\d:\d\d)/.exec(text)?.[1];
  return look({ from: input['to'], to: input['from'], ...(after === undefined ? {} : { after }) });
}

function answerFrom({ input, text }: Told): string {
  const way = `from ${String(input['from'])} to ${String(input['to'])}`;
  if (text.startsWith('0 ')) return `There is no ferry ${way} then.`;
  const leaves = found(text, /leaves (\d\d:\d\d)/);
  return `The next ferry ${way} leaves at ${leaves} and arrives at ${found(text, /arrives (\d\d:\d\d)/)}.`;
}

function firstQuestion({ messages }: ChatRequest): string {
  return textOf((messages.find(({ role }) => role === 'user')?.content ?? '') as Content);
}
