import type { Hit, Summary } from '../src/shown.ts';
import { addressOf } from './address.ts';
import * as format from './format.ts';
import { StateBadge } from './state-badge.tsx';
import * as state from './state.ts';

let typing: ReturnType<typeof setTimeout> | undefined;

/** The sessions, and the search through all that is in them. */
export function List() {
  const { sessions, words, source } = state;
  const list = sessions.value;
  const search = (value: string) => {
    words.value = value;
    clearTimeout(typing);
    typing = setTimeout(() => void state.loadSessions(), 200);
  };
  return (
    <nav class="list" aria-label="Sessions">
      <header>
        <h1>
          Throughline <span>inspector</span>
        </h1>
        <input
          type="search"
          aria-label="Search in all that was said, thought, called and returned"
          placeholder="Search everything…"
          value={words.value}
          onInput={({ currentTarget }) => search(currentTarget.value)}
        />
      </header>
      <ul>
        {list?.map((one) => (
          <Entry key={one.id} session={one} />
        ))}
      </ul>
      {list?.length === 0 && (
        <p class="none">{words.value === '' ? 'No sessions.' : 'Nothing found.'}</p>
      )}
      {source.value?.isFile && <p class="none">An exported session: a file that asks nobody.</p>}
    </nav>
  );
}

function Entry({ session }: { readonly session: Summary }) {
  const { id, usage, steps, errors, durationMs, hits } = session;
  const isOpen = state.openId.value === id;
  const cached =
    usage.inputTokens === 0
      ? ''
      : `${format.percent(usage.cachedTokens, usage.inputTokens)} cached`;
  return (
    <li>
      <a class="entry" href={addressOf(id)} aria-current={isOpen ? 'page' : undefined}>
        <span class="line">
          <strong>{format.visible(session.title === '' ? id : session.title)}</strong>
          <StateBadge session={session} />
        </span>
        <span class="line faint">
          <span class="id">{format.visible(id)}</span>
          <time>{format.when(session.changedAtMs)}</time>
        </span>
        {session.state !== 'unreadable' && (
          <span class="facts">
            {session.agent !== '' && <span>{session.agent}</span>}
            <span>{steps === 1 ? '1 step' : `${steps} steps`}</span>
            <span>{format.tokens(usage.inputTokens + usage.outputTokens)} tokens</span>
            {cached !== '' && <span>{cached}</span>}
            {usage.costUsd !== undefined && <span>{format.dollars(usage.costUsd)}</span>}
            {durationMs > 0 && <span>{format.duration(durationMs)}</span>}
            {errors > 0 && <span class="bad">{errors === 1 ? '1 error' : `${errors} errors`}</span>}
          </span>
        )}
        {session.problem !== undefined && (
          <span class="bad why">{format.visible(session.problem)}</span>
        )}
      </a>
      {hits !== undefined && hits.length > 0 && (
        <ul class="hits">
          {hits.slice(0, 5).map((hit) => (
            <HitLink key={hit.seq} id={id} hit={hit} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** What a person calls the events that were searched. */
const nameOf: Readonly<Record<string, string>> = {
  'run.start': 'run',
  'call.start': 'call',
  'call.pending': 'call',
  'call.decided': 'decision',
  'call.end': 'result',
  'history.compacted': 'compaction',
  'run.end': 'end of the run',
};

function HitLink({ id, hit }: { readonly id: string; readonly hit: Hit }) {
  const go = () => {
    history.replaceState(undefined, '', addressOf(id));
    void state.openHit(id, hit.seq);
  };
  return (
    <li>
      <button type="button" onClick={go}>
        <b>{nameOf[hit.type] ?? hit.type}</b> {format.visible(hit.excerpt)}
      </button>
    </li>
  );
}
