import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Row } from '../src/shown.ts';
import { addressOf } from './address.ts';
import * as state from './state.ts';

interface Props {
  readonly row: Row;
  /** The line that the fork begins with. */
  readonly seq: number;
  readonly what: 'step' | 'message' | 'result';
  /** What may be said otherwise. */
  readonly text?: string;
}

/** Runs on from a place in a new session, with other words where a person writes them. */
export function Fork(props: Props) {
  const isOpen = useSignal(false);
  const { what, seq } = props;
  const id = state.openId.value ?? '';
  useEffect(() => void (isOpen.value = false), [id, seq]);
  const { agent } = state.abilities.value;
  if (state.source.value?.isFile) return undefined;
  if (agent === undefined)
    return <p class="faint">No agent is registered, so nothing can be run from here.</p>;
  const close = () => (isOpen.value = false);
  if (isOpen.value) return <ForkForm key={seq} {...props} id={id} agent={agent} close={close} />;
  return (
    <button type="button" onClick={() => (isOpen.value = true)}>
      {what === 'step' ? 'Run this step again…' : `Change this ${what} and run on…`}
    </button>
  );
}

interface FormProps extends Props {
  readonly id: string;
  readonly agent: string;
  close(): void;
}

function ForkForm({ row, seq, what, text, id, agent, close }: FormProps) {
  const words = useSignal(text ?? '');
  const newId = useSignal(`${id} from ${seq}`.slice(0, 180));
  const run = async (event: Event) => {
    event.preventDefault();
    const changed = text === undefined || words.value === text ? {} : { text: words.value };
    const answer = await state.act(
      'fork',
      { id, seq, newId: newId.value, ...changed },
      'The fork runs.',
    );
    if (answer !== undefined) location.hash = addressOf(newId.value);
  };
  return (
    <form class="fork" onSubmit={run}>
      <h4>Run on from here</h4>
      {text !== undefined && (
        <textarea
          aria-label={`The ${what} in the new session`}
          rows={6}
          value={words.value}
          onInput={({ currentTarget }) => (words.value = currentTarget.value)}
        />
      )}
      <label>
        New session
        <input
          value={newId.value}
          maxLength={200}
          onInput={({ currentTarget }) => (newId.value = currentTarget.value)}
        />
      </label>
      <p class="faint">{whatRuns(row, what, agent)}</p>
      <p class="buttons">
        <button type="submit" class="go">
          Fork and run
        </button>
        <button type="button" onClick={close}>
          Cancel
        </button>
      </p>
    </form>
  );
}

function whatRuns({ step = 0 }: Row, what: Props['what'], agent: string): string {
  const first =
    what === 'step' ? `step ${step}` : what === 'result' ? `step ${step + 1}` : 'the next step';
  return `This session stays as it is. The new one keeps what came before; the agent “${agent}” asks the model for ${first}, and may call its tools from there on. A call that has a result is not made again.`;
}
