import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import { askedIn, toldIn } from '../lib/told.ts';

const small =
  /^(what|which|when|where|how|does|the|and|for|with|that|this|are|can|you|has|have|who|why|its)$/;

/** A scripted researcher: searches, reads the best three pages, and quotes the lines that hold most words of the question. */
export function researcher(request: ChatRequest): ScriptedAnswer {
  const question = askedIn(request);
  const words = (question.toLowerCase().match(/[a-z_]{3,}/g) ?? []).filter(
    (word) => !small.test(word),
  );
  const told = toldIn(request);
  const searched = told.find(({ name }) => name === 'search_web');
  if (searched === undefined) {
    const input = { query: words.join(' '), limit: 3 };
    return { reasoning: 'I search first.', calls: [{ name: 'search_web', arguments: input }] };
  }
  const urls = [...new Set(searched.text.match(/http:\/\/[\w.:/-]+\.md/g))];
  if (urls.length === 0) return { text: 'The site has no page about this.' };
  const read = told.filter(({ name }) => name === 'fetch_page');
  if (read.length === 0) {
    const calls = urls.map((url) => ({ name: 'fetch_page', arguments: { url } }));
    return { reasoning: `I read the ${urls.length} best pages, not only their excerpts.`, calls };
  }
  const lines = read.flatMap(({ input, text }) =>
    text
      .split('\n')
      .filter((line) => /[a-z].* .*[a-z]/.test(line))
      .map((line) => {
        const score = words.filter((word) =>
          line.toLowerCase().includes(word.replace(/(ed|s)$/, '')),
        ).length;
        return { url: String(input['url']), line: line.trim(), score };
      }),
  );
  const best = lines.sort((one, other) => other.score - one.score).slice(0, 3);
  const quotes = best.map(({ line }, index) => `“${line}” [${index + 1}]`);
  const sources = best.map(({ url }, index) => `[${index + 1}] ${url}`);
  return {
    reasoning: `Of ${lines.length} lines these hold most of: ${words.join(', ')}.`,
    text: `${quotes.join('\n')}\n\n${sources.join('\n')}`,
  };
}
