import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import { askedIn, toldIn } from '../lib/told.ts';
import type { Told } from '../lib/told.ts';

/** The one question the scripted model can answer. */
export const theQuestion = 'Who still owes us money, and how much is it in all?';

/**
 * A scripted model that keeps books. It is no model: it follows four fixed moves. But all it says comes from
 * what the tools returned, so other files make another answer.
 */
export function bookkeeper(request: ChatRequest): ScriptedAnswer {
  if (askedIn(request) !== theQuestion) {
    return { text: `I am a script and know one question only: “${theQuestion}”` };
  }
  const results = toldIn(request);
  const sum = results.findLast(({ name }) => name === 'add_up');
  if (sum !== undefined) return answer(invoices(results), sum.text);
  if (results.some(({ name }) => name === 'read_file')) return addUp(invoices(results));
  const search = results.find(({ name }) => name === 'search_files');
  return search === undefined ? lookAround() : readMatches(search.text);
}

function lookAround(): ScriptedAnswer {
  return {
    reasoning:
      'Invoices that are not paid should say so. I list the folder and search for open ones at the same time.',
    calls: [
      { name: 'list_files', arguments: { recursive: true } },
      { name: 'search_files', arguments: { text: 'status: open', glob: '*.txt' } },
    ],
  };
}

function readMatches(search: string): ScriptedAnswer {
  const paths = [...new Set([...search.matchAll(/^(.+?):\d+: /gm)].map(([, path]) => path))];
  if (paths.length === 0) {
    return {
      reasoning: 'The search found no open invoice.',
      text: 'Nobody owes you anything: no file in the folder says “status: open”.',
    };
  }
  return {
    reasoning: `Matches in ${paths.length} of the files. I need the customer and the amount of each.`,
    calls: paths.map((path) => ({ name: 'read_file', arguments: { path } })),
  };
}

function addUp(open: readonly Invoice[]): ScriptedAnswer {
  if (open.length === 0) {
    return {
      text: 'The files that say “status: open” name no customer and amount that I could read.',
    };
  }
  const amounts = open.map(({ customer, eur }) => ({ label: customer, eur }));
  return {
    reasoning: 'Now the sum. I do not add in my head; there is a tool for it.',
    calls: [{ name: 'add_up', arguments: { amounts } }],
  };
}

function answer(open: readonly Invoice[], sum: string): ScriptedAnswer {
  const { eur } = JSON.parse(sum) as { readonly eur: number };
  const lines = open.map((one) => `- ${one.customer}: ${one.eur.toFixed(2)} EUR (${one.path})`);
  return {
    reasoning: 'I have everything: names, amounts and the exact sum.',
    text: `${eur.toFixed(2)} EUR are still open:\n${lines.join('\n')}`,
  };
}

interface Invoice {
  readonly path: string;
  readonly customer: string;
  readonly eur: number;
}

/** The invoices among the files that were read. */
function invoices(results: readonly Told[]): readonly Invoice[] {
  return results.flatMap(({ name, input, text }) => {
    const customer = /^customer: (.+)$/m.exec(text)?.[1];
    const eur = /^amount: ([\d.]+) EUR$/m.exec(text)?.[1];
    if (name !== 'read_file' || customer === undefined || eur === undefined) return [];
    return [{ path: String(input['path']), customer, eur: Number(eur) }];
  });
}
