import { useSignal } from '@preact/signals';
import * as format from './format.ts';
import type { LiveCall } from './live-view.ts';
import * as state from './state.ts';

/** What a run of the inspector's own process tells at this moment, and the way to talk to it. */
export function LivePanel() {
  const run = state.opened.value?.live;
  const view = state.live.value;
  if (run === undefined) return undefined;
  return (
    <section class="live" aria-label="The run under way">
      <header>
        <span class="pulse" aria-hidden="true" />
        <strong role="status">
          {view.step === undefined ? 'Under way' : `Step ${view.step} is under way`}
        </strong>
        {view.inside !== '' && <span class="faint">{format.visible(view.inside)}</span>}
        <span class="grow" />
        <Steer />
      </header>
      <div class="now">
        {view.notes.map((note, at) => (
          <p key={at} class="warning">
            {format.visible(note)}
          </p>
        ))}
        {view.reasoning !== '' && <p class="reasoning">{format.visible(view.reasoning)}</p>}
        {view.text !== '' && <p class="text">{format.visible(view.text)}</p>}
        {view.calls.map((call) => (
          <Call key={call.call} call={call} />
        ))}
      </div>
    </section>
  );
}

function Call({ call }: { readonly call: LiveCall }) {
  return (
    <p class="call">
      <b>{format.visible(call.name)}</b> <code>{format.visible(call.arguments)}</code>{' '}
      <em>{call.state}</em>
      {call.progress !== undefined && <code class="progress">{format.visible(call.progress)}</code>}
    </p>
  );
}

function Steer() {
  const text = useSignal('');
  const id = state.openId.value;
  const send = async (event: Event) => {
    event.preventDefault();
    const sent = await state.act(
      'steer',
      { id, text: text.value },
      'The model reads it with its next step.',
    );
    if (sent !== undefined) text.value = '';
  };
  return (
    <form class="steer" onSubmit={send}>
      <input
        aria-label="Say something to the model; it reads it with its next step"
        placeholder="Steer the run…"
        value={text.value}
        onInput={({ currentTarget }) => (text.value = currentTarget.value)}
      />
      <button type="submit" disabled={text.value.trim() === ''}>
        Send
      </button>
      <button
        type="button"
        class="danger"
        onClick={() => state.act('abort', { id }, 'The run was stopped.')}
      >
        Stop
      </button>
    </form>
  );
}
