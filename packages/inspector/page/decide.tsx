import { useSignal } from '@preact/signals';
import type { Row } from '../src/shown.ts';
import * as state from './state.ts';

/** Lets a person decide a call that waits, or says why that is not possible here. */
export function Decide({ row, pendingId }: { readonly row: Row; readonly pendingId: string }) {
  const words = useSignal('');
  const isSent = useSignal(false);
  const summary = state.opened.value;
  const { agent } = state.abilities.value;
  const isLive = summary?.live?.decides === true;
  const mayHaveRun = summary?.pending.find(({ id }) => id === pendingId)?.mayHaveRun;
  if (state.source.value?.isFile)
    return <p class="warning">This call waited for a person when the session was exported.</p>;
  if (!isLive && agent === undefined) {
    return (
      <p class="warning">
        This call waits for a person. No agent is registered, so it cannot be decided here.
      </p>
    );
  }
  const decide = async (decision: unknown, done: string) => {
    isSent.value = true; // a second click would be refused as decided already
    const told = await state.act('decide', { id: summary?.id, call: pendingId, decision }, done);
    isSent.value = told !== undefined;
  };
  return (
    <form class="decide" onSubmit={(event) => event.preventDefault()}>
      <p>
        <strong>{row.title}</strong> waits for a person.
        {mayHaveRun && (
          <strong class="bad"> It was cut, and may have taken effect already.</strong>
        )}{' '}
        {isLive ? 'The run goes on at once.' : `The run goes on with the agent “${agent}”.`}
      </p>
      <textarea
        aria-label="Why it is refused; the model reads it"
        placeholder="Why not? The model reads it."
        rows={2}
        value={words.value}
        onInput={({ currentTarget }) => (words.value = currentTarget.value)}
      />
      <p class="buttons">
        <button
          type="button"
          class="go"
          disabled={isSent.value}
          onClick={() => decide({ approve: true }, 'Approved.')}
        >
          Approve
        </button>
        <button
          type="button"
          class="danger"
          disabled={isSent.value}
          onClick={() => decide({ refuse: words.value }, 'Refused.')}
        >
          Refuse
        </button>
      </p>
    </form>
  );
}
