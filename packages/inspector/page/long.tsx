import { useSignal } from '@preact/signals';
import * as format from './format.ts';

/** More than this is shown on demand. */
const atFirst = 20_000;
/** So much more each time: a browser that lays out megabytes at once stands still. */
const more = 200_000;

/** A text as it is, with the end of a long one on demand. A diff has its lines coloured. */
export function Long({
  text,
  class: kind = 'text',
}: {
  readonly text: string;
  readonly class?: string;
}) {
  const most = useSignal(atFirst);
  const shown = text.slice(0, most.value);
  const left = text.length - shown.length;
  if (text === '') return <p class="faint">Empty.</p>;
  return (
    <>
      <pre class={kind} tabIndex={0}>
        {kind === 'diff' ? <DiffLines text={shown} /> : format.visible(shown)}
      </pre>
      {left > 0 && (
        <button type="button" class="plain" onClick={() => (most.value += more)}>
          Show {Math.min(left, more)} of {left} characters more
        </button>
      )}
    </>
  );
}

export function DiffLines({ text }: { readonly text: string }) {
  return (
    <>
      {text.split('\n').map((line, at) => (
        <span key={at} class={lineKind(line)}>
          {format.visible(line)}
          {'\n'}
        </span>
      ))}
    </>
  );
}

function lineKind(line: string): string | undefined {
  if (/^(?:@@|--- |\+\+\+ )/.test(line)) return 'hunk';
  if (line.startsWith('+')) return 'added';
  return line.startsWith('-') ? 'removed' : undefined;
}
