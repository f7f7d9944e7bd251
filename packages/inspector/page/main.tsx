// The page: it draws what the server tells, and asks it for what a person wants to see or do. All that it shows was written by
// strangers, so it stands in text nodes alone.

import { render } from 'preact';
import { idIn } from './address.ts';
import { List } from './list.tsx';
import { SessionView } from './session-view.tsx';
import { openSource } from './source.ts';
import * as state from './state.ts';

const page = document.getElementById('page');
if (page === null) throw new Error('The page has no place to be drawn in.');
render(<App />, page);
void start();

async function start(): Promise<void> {
  try {
    state.source.value = await openSource();
    state.abilities.value = await state.source.value.abilities();
    await state.loadSessions();
  } catch (error) {
    state.tellProblem(error);
    return;
  }
  const isFile = state.source.value.isFile;
  const route = () => {
    const id = idIn(location.hash);
    if (id !== '') state.open(id);
    else if (!isFile) state.close();
  };
  addEventListener('hashchange', route);
  route();
  const [only] = state.sessions.value ?? [];
  if (isFile && only !== undefined) state.open(only.id);
  if (isFile) return;
  setInterval(() => {
    if (!document.hidden && state.words.value === '') void state.loadSessions();
  }, 2_000);
}

function App() {
  const { openId, problem, offline, said, source } = state;
  return (
    <div class={openId.value === undefined ? 'app' : 'app has-session'}>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the session
      </button>
      <List />
      <main id="main" tabIndex={-1}>
        {problem.value !== undefined && (
          <div class="problem" role="alert">
            <span>{problem.value}</span>
            <button type="button" aria-label="Dismiss" onClick={() => (problem.value = undefined)}>
              ×
            </button>
          </div>
        )}
        {offline.value !== undefined && (
          <div class="problem quiet" role="status">
            {offline.value}
          </div>
        )}
        {openId.value === undefined ? (
          <Nothing isLoading={source.value === undefined} />
        ) : (
          <SessionView id={openId.value} />
        )}
        <div class="unseen" role="status">
          {said.value}
        </div>
      </main>
    </div>
  );
}

function Nothing({ isLoading }: { readonly isLoading: boolean }) {
  const count = state.sessions.value?.length;
  return (
    <div class="nothing">
      <svg viewBox="0 0 48 48" width="56" height="56" aria-hidden="true">
        <path d="M4 34 C14 34 12 14 24 14 S34 34 44 34" />
        <circle cx="4" cy="34" r="3" />
        <circle cx="24" cy="14" r="3" />
        <circle cx="44" cy="34" r="3" />
      </svg>
      <p>
        {isLoading
          ? 'Opening…'
          : count === 0
            ? 'No session yet. One appears here with its first line.'
            : 'Choose a session to see how its runs went.'}
      </p>
    </div>
  );
}
