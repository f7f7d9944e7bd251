import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import { askedIn, found } from '../lib/told.ts';

/**
 * A scripted reader. It takes everything from the document by patterns. At first it overlooks discounts, as models do; when
 * the schema says that the sum is wrong, it reads again.
 */
export function scriptedReader(request: ChatRequest): ScriptedAnswer {
  const text = askedIn({ ...request, messages: request.messages.filter((_, at) => at < 2) });
  const refused = request.messages.length > 2;
  const lines = [...text.matchAll(/^ *(\d+) x (.+?) +at ([\d.]+) EUR/gm)].map(
    ([, count, what, eur]) => ({ what, count: Number(count), eur: Number(eur) }),
  );
  if (lines.length === 0) {
    const about = found(text, /\n\n(.+)/);
    return final('It delivers nothing.', { kind: 'other', about });
  }
  const discount = /discount of ([\d.]+) EUR/.exec(text)?.[1];
  return final(refused ? 'The sum is wrong. Did I overlook something?' : 'A delivery.', {
    kind: 'delivery',
    supplier: found(text, /^(HILL MILL|North \w+)/m),
    date: isoDate(found(text, /(\d+ \w+ 2\d{3})/)),
    lines,
    ...(refused && discount !== undefined ? { discountEur: Number(discount) } : {}),
    totalEur: Number(found(text, /Total +([\d.]+) EUR/)),
  });
}

/** An output that may be one thing or another is the `value` of `final_answer`. */
function final(reasoning: string, value: object): ScriptedAnswer {
  return { reasoning, calls: [{ name: 'final_answer', arguments: { value } }] };
}

function isoDate(words: string): string {
  return new Date(`${words} UTC`).toISOString().slice(0, 10);
}
