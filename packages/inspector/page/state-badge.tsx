import type { Summary } from '../src/shown.ts';

const meaning: Readonly<Record<Summary['state'], string>> = {
  ready: 'ready for the next run',
  running: 'a run is under way',
  stopped: 'the last run failed or was aborted',
  suspended: 'calls wait for a person',
  cut: 'the process died in a run',
  unreadable: 'the file cannot be read',
};

/** How a session stands, in a word; its meaning for those who hover or listen. */
export function StateBadge({ session }: { readonly session: Summary }) {
  const { state, holder } = session;
  return (
    <span
      class={`badge ${state}`}
      title={`${meaning[state]}${holder === undefined ? '' : `; open in ${holder}`}`}
    >
      {state === 'suspended' ? 'waits' : state}
      <span class="unseen">: {meaning[state]}</span>
    </span>
  );
}
