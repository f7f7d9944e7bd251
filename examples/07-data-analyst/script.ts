import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import { askedIn, toldIn } from '../lib/told.ts';

export const theQuestion = 'Which month was the best, and what does the year look like?';

interface Month {
  readonly month: string;
  readonly total: number;
}

/** A scripted analyst for one question. The columns, the months and the sums are those that the tools return. */
export function scriptedAnalyst(request: ChatRequest): ScriptedAnswer {
  if (askedIn(request) !== theQuestion)
    return { text: `I am a script and know one question only: “${theQuestion}”` };
  const told = toldIn(request);
  const table = told.find(({ name }) => name === 'describe_table');
  if (table === undefined) return say('What does the table hold?', 'describe_table', {});
  const queried = told.find(({ name }) => name === 'query');
  if (queried === undefined) {
    const [date, money] = [/^(\w+): "\d{4}-\d\d-\d\d"$/m, /^(eur|amount|usd): /m].map(
      (of) => of.exec(table.text)?.[1],
    );
    if (date === undefined || money === undefined)
      return { text: `I find no date and no money in:\n${table.text}` };
    const sql = `SELECT substr("${date}", 1, 7) AS month, round(sum("${money}"), 2) AS total FROM sales GROUP BY month ORDER BY month`;
    return say(`There is a ${date} and money in ${money}: I add it up by month.`, 'query', { sql });
  }
  const { rows } = JSON.parse(queried.text) as { readonly rows: readonly Month[] };
  if (!told.some(({ name }) => name === 'draw_bar_chart')) {
    const bars = rows.map(({ month, total }) => ({ label: month.slice(5), value: total }));
    const title = `Sales in EUR by month, ${rows[0]?.month.slice(0, 4)}`;
    return say('A bar for each month shows it.', 'draw_bar_chart', { title, bars });
  }
  const [best, ...others] = [...rows].sort((one, other) => other.total - one.total);
  const worst = others.at(-1);
  return {
    text: `The best month was ${best?.month} with ${best?.total.toFixed(2)} EUR, the weakest ${worst?.month} with ${worst?.total.toFixed(2)} EUR.`,
  };
}

function say(reasoning: string, name: string, input: object): ScriptedAnswer {
  return { reasoning, calls: [{ name, arguments: input }] };
}
