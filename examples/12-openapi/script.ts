import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import { askedIn, found, toldIn } from '../lib/told.ts';

interface Book {
  readonly id: number;
  readonly title: string;
  readonly free: boolean;
}

/** A scripted reader who borrows the first free book with a word in its title. */
export function borrower(request: ChatRequest): ScriptedAnswer {
  const word = /“(.+)”/.exec(askedIn(request))?.[1];
  if (word === undefined) return { text: 'I am a script. Ask me: Borrow a book about “sea”.' };
  const told = toldIn(request);
  const books = told.find(({ name }) => name === 'findBooks');
  if (books === undefined)
    return say(`Which books have “${word}” in their title?`, 'findBooks', { title: word });
  const list = JSON.parse(found(books.text, /^(\[[\s\S]*)/m)) as readonly Book[];
  const free = list.find((book) => book.free);
  if (free === undefined)
    return { text: `Of ${list.length} books with “${word}” none can be borrowed.` };
  const loan = told.find(({ name }) => name === 'borrowBook');
  if (loan === undefined) {
    const taken = list.length - list.filter((book) => book.free).length;
    return say(
      `${list.length} books, ${taken} of them lent. I take number ${free.id}.`,
      'borrowBook',
      { body: { bookId: free.id } },
    );
  }
  if (!/\b201\b/.test(loan.text)) return { text: `It was not borrowed: ${loan.text}` };
  const { title, weeks } = JSON.parse(found(loan.text, /^(\{[\s\S]*)/m)) as {
    title: string;
    weeks: number;
  };
  return { text: `“${title}” is yours for ${weeks} weeks.` };
}

function say(reasoning: string, name: string, input: object): ScriptedAnswer {
  return { reasoning, calls: [{ name, arguments: input }] };
}
