import type { Script } from '@throughline/simulator';

/** What is said where there is no key. It is no model: it calls the tool once, then tells what that found. */
export const script: Script = ({ messages }) => {
  const last = messages.at(-1);
  if (last?.role !== 'tool') {
    const call = { name: 'largest_files', arguments: { count: 3 } };
    return { reasoning: 'I look at the files first.', calls: [call] };
  }
  const [looked = '', largest, ...others] = String(last.content).split('\n');
  if (largest === undefined) return { text: looked };
  return { text: [`The largest file has ${largest}`, ...others, '', looked].join('\n') };
};
