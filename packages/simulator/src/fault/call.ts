import type { AnswerCall } from '../wire/answer.ts';
import { faultList, type Fault, type Need } from './fault.ts';
import type { Source } from './source.ts';

const oddIds = ['0', 'call00003', 'functionsexec5', 'functions.exec5', 'channel_reply:0'];

/** Ids and names of calls: in other forms, missing, twice, unknown. */
export const callFaults = faultList([
  ids(
    'ids-functions',
    'chunks',
    'Ids of the form functions.name:n.',
    ({ name }, n) => `functions.${name}:${n}`,
  ),
  ids('ids-underscore', 'chunks', 'Ids of the form name_n.', ({ name }, n) => `${name}_${n}`),
  ids(
    'ids-uuid',
    'chunks',
    'Ids that are UUIDs.',
    (_, n) => `5b1f3c52-9a4e-4c1d-8f00-${hex(n, 12)}`,
  ),
  ids(
    'ids-call',
    'chunks',
    'Ids of the form call_ and letters.',
    (_, n) => `call_9fQk${hex(n, 20)}`,
  ),
  ids(
    'ids-tool-hex',
    'chunks',
    'Ids of the form chatcmpl-tool- and digits.',
    (_, n) => `chatcmpl-tool-${hex(n, 32)}`,
  ),
  ids(
    'ids-odd',
    'chunks',
    'Ids as broken hosts make them: 0, call00003, functionsexec5.',
    (_, n) => oddIds[n % oddIds.length],
  ),
  ids(
    'ids-repeated',
    'repeated-ids',
    'Ids count from 0 in every answer, so that later answers repeat them.',
    ({ name }, _, at) => `functions.${name}:${at}`,
  ),
  lost(
    'ids-duplicate',
    'All calls of an answer have the id of the first.',
    (call, first) => ({ ...call, id: first.id }),
    'two calls',
  ),
  lost('ids-missing', 'Calls have no id.', (call) => ({ ...call, id: undefined })),
  lost('ids-empty', 'The id of every call is an empty text.', (call) => ({ ...call, id: '' })),
  lost('ids-null', 'The id of every call is null.', (call) => ({ ...call, id: null })),
  {
    name: 'calls-that-say-nothing',
    kind: 'answer',
    source: 'repeated-ids',
    about: 'Beside a text stands a call whose id, name and arguments are empty.',
    needs: ['text', 'no calls'],
    answer: (answer) => ({ ...answer, calls: [{ id: '', name: '', arguments: '' }] }),
  },
  {
    ...lost('unknown-tool', 'Calls name a tool that was never offered.', (call) => ({
      ...call,
      name: `${call.name}_unknown`,
    })),
    source: 'unknown-tool',
    echo: true,
  },
  {
    ...lost('empty-tool-name', 'The name of every call is an empty text.', (call) => ({
      ...call,
      name: '',
    })),
    source: 'unknown-tool',
  },
]);

function ids<const Name extends string>(
  name: Name,
  source: Source,
  about: string,
  id: (call: AnswerCall, count: number, at: number) => string | undefined,
): Fault<Name> {
  return {
    name,
    kind: 'answer',
    source,
    about,
    needs: ['calls'],
    echo: true,
    answer: (answer, { callsBefore }) => ({
      ...answer,
      calls: answer.calls.map((call, at) => ({ ...call, id: id(call, callsBefore + at, at) })),
    }),
  };
}

function lost<const Name extends string>(
  name: Name,
  about: string,
  change: (call: AnswerCall, first: AnswerCall) => AnswerCall,
  need: Need = 'calls',
): Fault<Name> {
  return {
    name,
    kind: 'answer',
    source: 'repeated-ids',
    about,
    needs: [need],
    answer: (answer) => ({
      ...answer,
      calls: answer.calls.map((call) => change(call, answer.calls[0] ?? call)),
    }),
  };
}

function hex(count: number, digits: number): string {
  return (count + 0xa11).toString(16).padStart(digits, '0');
}
