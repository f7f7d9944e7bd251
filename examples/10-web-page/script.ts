import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import { toldIn } from '../lib/told.ts';

interface Item {
  readonly item: string;
  readonly count: number;
  readonly least: number;
}

/** A scripted store keeper: looks at the shelf, orders what is short, and says what came of it. */
export function scriptedKeeper(request: ChatRequest): ScriptedAnswer {
  const told = toldIn(request);
  const shelf = told.find(({ name }) => name === 'look_at_shelf');
  if (shelf === undefined) {
    return { reasoning: 'What is there?', calls: [{ name: 'look_at_shelf', arguments: {} }] };
  }
  const short = (JSON.parse(shelf.text) as readonly Item[]).filter(
    ({ count, least }) => count < least,
  );
  const orders = told.filter(({ name }) => name === 'order');
  if (orders.length === 0 && short.length > 0) {
    const calls = short.map(({ item, count, least }) => ({
      name: 'order',
      arguments: { item, count: least - count },
    }));
    return { reasoning: `${short.length} items are short. I order what is missing.`, calls };
  }
  const lines = orders.map(({ input, text }) =>
    text.startsWith('Ordered') ? text : `Not ordered: ${String(input['item'])}.`,
  );
  return { text: lines.join('\n') || 'Nothing is short.' };
}
