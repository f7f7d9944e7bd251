import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import { askedIn, found, toldIn } from '../lib/told.ts';
import type { Told } from '../lib/told.ts';

/** One scripted model plays all three. Which one it is, it sees by the tools that it is offered. */
export function office(request: ChatRequest): ScriptedAnswer {
  const offered = new Set(request.tools?.map(({ function: { name } }) => name));
  if (offered.has('write_letter')) return writer(toldIn(request));
  return offered.has('ask_reader') ? lead(toldIn(request)) : reader(request);
}

function lead(told: readonly Told[]): ScriptedAnswer {
  const listed = told.find(({ name }) => name === 'list_files');
  if (listed === undefined) return say('Which offers are there?', 'list_files', {});
  const read = told.filter(({ name }) => name === 'ask_reader');
  const paths = [...listed.text.matchAll(/^(\S+\.txt)/gm)].map(([path]) => path);
  if (paths.length === 0) return { text: 'There is no offer.' };
  if (read.length === 0) {
    const calls = paths.map((path) => ({
      name: 'ask_reader',
      arguments: { task: `What is the price and the time in ${path}?` },
    }));
    return { reasoning: `${paths.length} offers. Each can be read on its own.`, calls };
  }
  const [best] = [...read].sort((one, other) => priceIn(one) - priceIn(other));
  const others = read.map(({ text }) => text).join('\n');
  const task = `Accept the lowest offer.\n${best?.text}\nAll offers:\n${others}`;
  return say('I compare the prices.', 'hand_over', { task });
}

function reader(request: ChatRequest): ScriptedAnswer {
  const [told] = toldIn(request);
  const path = found(askedIn(request), /([\w-]+\.txt)/);
  if (told === undefined) return say(`I read ${path}.`, 'read_file', { path });
  const [from, price, weeks] = [/^# (.+)$/m, /(\d+) EUR/, /(\d+) weeks/].map((of) =>
    found(told.text, of),
  );
  return { text: `${from}: ${price} EUR, ${weeks} weeks.` };
}

function writer(told: readonly Told[]): ScriptedAnswer {
  const task = String(told.find(({ name }) => name === 'hand_over')?.input['task']);
  const written = told.find(({ name }) => name === 'write_letter');
  const [to, price, weeks] = [/\n(.+?): /, /(\d+) EUR/, /(\d+) weeks/].map((of) => found(task, of));
  if (written === undefined) {
    const text = `We accept your offer of ${price} EUR, and expect you for ${weeks} weeks.`;
    return say('A short letter will do.', 'write_letter', { to, text });
  }
  return {
    text: `${written.text} Their ${price} EUR are the lowest of:\n${task.split('All offers:\n')[1]}`,
  };
}

function priceIn({ text }: Told): number {
  return Number(found(text, /(\d+) EUR/));
}

function say(reasoning: string, name: string, input: object): ScriptedAnswer {
  return { reasoning, calls: [{ name, arguments: input }] };
}
