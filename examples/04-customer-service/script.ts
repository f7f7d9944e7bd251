import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import { askedIn, toldIn } from '../lib/told.ts';
import type { Told } from '../lib/told.ts';

/** A scripted clerk: looks up each order that the customer names, refunds those that are broken, and says what came of it. */
export function clerk(request: ChatRequest): ScriptedAnswer {
  const told = toldIn(request);
  const ids = [...askedIn(request).matchAll(/\b\d{4}\b/g)].map(([id]) => id);
  const lookedUp = told.filter(({ name }) => name === 'find_order');
  if (lookedUp.length === 0) {
    const calls = ids.map((id) => ({ name: 'find_order', arguments: { id } }));
    return { reasoning: 'Which orders are these?', calls };
  }
  const refunds = told.filter(({ name }) => name === 'refund');
  const broken = lookedUp
    .filter(({ text }) => text.startsWith('{'))
    .map(({ text }) => JSON.parse(text) as { id: string; eur: number; state: string })
    .filter(({ state }) => state.includes('broken'));
  if (refunds.length === 0 && broken.length > 0) {
    const calls = broken.map(({ id, eur }) => ({ name: 'refund', arguments: { id, eur } }));
    return {
      reasoning: `${broken.length} of them arrived broken: the customer gets the money.`,
      calls,
    };
  }
  const said = refunds.map(outcome);
  return {
    reasoning: 'I tell the customer.',
    text: said.join('\n') || 'None of these arrived broken.',
  };
}

function outcome({ input, text }: Told): string {
  if (text.startsWith('Paid')) return text;
  const order = String(input['id']);
  // A crash while it ran: nobody may say that it was paid, nor that it was not.
  if (text.includes('unknown')) return `Whether order ${order} was refunded is being looked into.`;
  return `Order ${order} is not refunded. ${text}`;
}
