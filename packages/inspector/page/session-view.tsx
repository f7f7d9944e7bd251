import { addressOf } from './address.ts';
import * as format from './format.ts';
import { Details } from './details.tsx';
import { LivePanel } from './live-panel.tsx';
import { query } from './source.ts';
import { StateBadge } from './state-badge.tsx';
import * as state from './state.ts';
import { TimelineView } from './timeline-view.tsx';

/** An open session: its figures, its timeline, what runs now, and what is selected in full. */
export function SessionView({ id }: { readonly id: string }) {
  const summary = state.opened.value;
  const source = state.source.value;
  const save = (what: string, ending: string) => () =>
    source
      ?.download(`${what}?${query({ id })}`, `${id.replace(/[^\w-]+/g, '_')}.${ending}`)
      .catch(state.tellProblem);
  return (
    <section class="session" aria-label={`Session ${id}`}>
      <header>
        <div class="title">
          {source?.isFile === false && (
            <a class="back" href="#" aria-label="Back to the list">
              ‹
            </a>
          )}
          <h2>{format.visible(summary?.title || id)}</h2>
          {summary !== undefined && <StateBadge session={summary} />}
          <span class="grow" />
          {source?.isFile === false && (
            <button type="button" onClick={save('export', 'html')}>
              Export
            </button>
          )}
          {state.abilities.value.cassette && (
            <button
              type="button"
              title="The answers of this session, for a test to replay"
              onClick={save('cassette', 'jsonl')}
            >
              Cassette
            </button>
          )}
        </div>
        {summary !== undefined && <Figures />}
        {summary?.parent !== undefined && (
          <p class="faint">
            A fork of <a href={addressOf(summary.parent.id)}>{format.visible(summary.parent.id)}</a>
            , as it was at line {summary.parent.seq}.
          </p>
        )}
        {summary !== undefined && <GoOn />}
      </header>
      <div class={state.selected.value === undefined ? 'panes' : 'panes with-details'}>
        <div class="left">
          <TimelineView />
          <LivePanel />
        </div>
        <Details />
      </div>
    </section>
  );
}

function Figures() {
  const summary = state.opened.value;
  if (summary === undefined) return undefined;
  const { usage } = summary;
  const figures: readonly (readonly [string, string])[] = [
    ['agent', summary.agent || '–'],
    ['model', summary.model || '–'],
    ['runs', String(summary.runs)],
    ['steps', String(summary.steps)],
    ['calls', String(summary.calls)],
    ['tokens in', format.tokens(usage.inputTokens)],
    ['cached', format.percent(usage.cachedTokens, usage.inputTokens)],
    ['tokens out', format.tokens(usage.outputTokens)],
    ['cost', format.dollars(usage.costUsd) || (summary.steps === 0 ? '–' : 'unknown')],
    ['time', summary.steps === 0 ? '–' : format.duration(summary.durationMs)],
    ['errors', String(summary.errors)],
  ];
  return (
    <dl class="figures">
      {figures.map(([name, value]) => (
        <div key={name} class={name === 'errors' && value !== '0' ? 'bad' : undefined}>
          <dt>{name}</dt>
          <dd>{format.visible(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What a person can do about a run that has stopped. */
function GoOn() {
  const summary = state.opened.value;
  if (summary === undefined || state.source.value?.isFile !== false) return undefined;
  const { id, state: stands, holder, live } = summary;
  if (holder !== undefined && holder !== 'this process') {
    return <p class="faint">Open in {holder}: it is only read here.</p>;
  }
  if (live !== undefined || (stands !== 'cut' && stands !== 'stopped')) return undefined;
  const { agent } = state.abilities.value;
  if (agent === undefined)
    return <p class="faint">No agent is registered, so the run cannot be resumed from here.</p>;
  return (
    <p>
      <button type="button" onClick={() => state.act('resume', { id }, 'The run goes on.')}>
        Resume the run
      </button>{' '}
      <span class="faint">with the agent “{agent}”</span>
    </p>
  );
}
