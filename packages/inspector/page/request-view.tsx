import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { RequestAnswer, Row } from '../src/shown.ts';
import * as format from './format.ts';
import { DiffLines, Long } from './long.tsx';
import { query } from './source.ts';
import * as state from './state.ts';

/** The request of a step, rebuilt: its size and hash, and how it differs from the one before. */
export function RequestView({ row }: { readonly row: Row }) {
  const answer = useSignal<RequestAnswer | string | undefined>(undefined);
  const whole = useSignal<string | undefined>(undefined);
  const id = state.openId.value ?? '';
  const { runId, step = 0 } = row;
  useEffect(() => {
    answer.value = undefined;
    whole.value = undefined;
    let isWanted = true;
    state.source.value?.request(id, runId, step).then(
      (value) => isWanted && (answer.value = value),
      (error: Error) => isWanted && (answer.value = error.message),
    );
    return () => (isWanted = false);
  }, [id, runId, step]);
  const told = answer.value;
  if (told === undefined) return <p class="faint">The request is rebuilt…</p>;
  if (typeof told === 'string') return <p class="faint">{told}</p>;
  const name = `request-step-${step}.json`;
  const download = () =>
    state.source.value
      ?.download(`request?${query({ id, run: runId, step, raw: 1 })}`, name)
      .catch(state.tellProblem);
  const show = () =>
    state.source.value?.requestText(id, runId, step).then((text) => {
      // Another step may be shown by now.
      if (answer.value === told) whole.value = format.pretty(text);
    }, state.tellProblem);
  return (
    <section>
      <h4>The request</h4>
      <p class="faint">
        {format.size(told.bytes)}, {told.messages} messages, {told.tools} tools.{' '}
        {told.exact ? 'Rebuilt byte for byte' : 'As the transport was given it'}, SHA-256{' '}
        <code>{told.sha256.slice(0, 12)}…</code>{' '}
        {whole.value === undefined && (
          <button type="button" class="plain" onClick={show}>
            Show it whole
          </button>
        )}
        <button type="button" class="plain" onClick={download}>
          Download it
        </button>
      </p>
      {whole.value !== undefined && <Long text={whole.value} class="json" />}
      <h4>
        {told.previous === undefined
          ? 'It is the first request'
          : `What is new since step ${told.previous.step}`}
      </h4>
      {told.diff.length === 0 ? (
        <p class="faint">Nothing: the same request.</p>
      ) : (
        <pre class="diff" tabIndex={0}>
          <DiffLines text={told.diff.join('\n')} />
        </pre>
      )}
      {told.left > 0 && <p class="faint">{told.left} lines more: download the request.</p>}
    </section>
  );
}
