import { say } from './answer-probes.ts';
import { objectIn } from './endpoint-client.ts';
import { judged, refusal, verdict } from './probe.ts';
import type { Called, Probe, Verdict } from './probe.ts';
import { fieldsOf } from './request-fields.ts';
import { calling, weather, weatherQuestion } from './weather-call.ts';
import { promptTokens, wireAnswer } from './wire-answer.ts';
import type { WireAnswer } from './wire-answer.ts';

const result = 'hail and 3 degrees';
const thoughtful = { thinks: true, streams: false };

/** What an agent lives from: calls, and histories that hold them. Each but the first goes on from the answer of the first. */
export const callProbes: readonly Probe[] = [
  {
    name: 'call',
    need: 'must',
    usd: 0.001,
    about: 'does a call come whole, with its id and its reason to stop',
    docs: 'docs/tools.md#doubt',
    async run(endpoint, learnt) {
      const reply = await endpoint.chat(calling(learnt.use));
      return judged(reply, (answer) => {
        const found = judgeCall(answer);
        if (found.outcome !== 'bad') learnt.called = calledOf(answer);
        return found;
      });
    },
  },
  {
    name: 'history',
    need: 'must',
    usd: 0.002,
    about: 'is the result of a call taken, with the thought before it',
    docs: 'docs/endpoint.md#thinking',
    async run(endpoint, { use, called }) {
      if (called === undefined) return noCall;
      const ask = { ...fieldsOf(use, thoughtful), tools: [weather], max_completion_tokens: 600 };
      const { messages, underUsualKey } = called;
      const reply = await endpoint.chat({ ...ask, messages });
      if (reply.status === 400 && underUsualKey !== undefined) {
        const again = await endpoint.chat({ ...ask, messages: underUsualKey });
        if (again.status === 200) {
          const told =
            'It takes thoughts back as reasoning_content alone, though it sends them otherwise';
          return verdict('odd', `${told}; the transport finds that out with one refused request.`, {
            reasoningKey: 'reasoning_content',
          });
        }
      }
      return judged(reply, ({ text }) =>
        /hail|3/.test(text)
          ? verdict('good', 'It takes the result and uses it.')
          : verdict('odd', 'It takes the history, and does not say what the call returned.'),
      );
    },
  },
  {
    name: 'lost thought',
    need: 'should',
    usd: 0.002,
    about: 'is a history that has lost its thoughts refused',
    docs: 'docs/endpoint.md#thinking',
    async run(endpoint, { use, called }) {
      if (called === undefined) return noCall;
      const reply = await endpoint.chat({
        messages: called.withoutReasoning,
        ...fieldsOf(use, thoughtful),
        tools: [weather],
        max_completion_tokens: 600,
      });
      if (reply.status === 400)
        return verdict('good', 'It refuses a history without its thoughts: they reach the model.');
      return reply.status === 200
        ? verdict(
            'odd',
            'It takes a history without its thoughts: thoughts may be dropped on the way.',
          )
        : verdict('odd', refusal(reply));
    },
  },
  {
    name: 'kept thoughts',
    need: 'should',
    usd: 0.004,
    about: 'do thoughts of earlier steps reach the model',
    docs: 'docs/endpoint.md#thinking',
    async run(endpoint, { use, called }) {
      if (called === undefined) return noCall;
      if (use.thinking !== undefined || use.omit?.includes('thinking'))
        return verdict('skipped', "It does not take keep: 'all'.");
      const messages = [
        ...(called.underUsualKey ?? called.messages),
        {
          role: 'assistant',
          content: 'It hails.',
          reasoning_content: 'A long thought. '.repeat(60),
        },
        { role: 'user', content: 'Thanks. Say only: ok' },
      ];
      const ask = { messages, tools: [weather], max_completion_tokens: 200 };
      const [kept, dropped] = [
        await endpoint.chat({ ...ask, ...fieldsOf(use, thoughtful) }),
        await endpoint.chat({ ...ask, thinking: { type: 'enabled' } }),
      ];
      return judged(
        kept,
        (answer) => judgeKept(promptTokens(answer), promptTokens(wireAnswer(dropped))),
        { thinking: { type: 'enabled' } },
      );
    },
  },
  {
    name: 'two calls',
    need: 'may',
    usd: 0.002,
    about: 'do two calls of one answer come apart',
    docs: 'docs/tools.md',
    async run(endpoint, { use }) {
      const reply = await endpoint.chat({
        ...say('Call get_weather twice at once: for Paris and for Oslo.'),
        ...fieldsOf(use, { thinks: true, streams: true }),
        tools: [weather],
        max_completion_tokens: 800,
      });
      return judged(reply, judgeTwoCalls);
    },
  },
  {
    name: 'forced call',
    need: 'may',
    usd: 0.0005,
    about: 'can a call be forced with thinking off',
    docs: 'docs/endpoint.md#thinking',
    async run(endpoint, { use }) {
      const reply = await endpoint.chat({
        ...say('Hello.'),
        ...fieldsOf(use, { thinks: false, streams: false }),
        tools: [weather],
        tool_choice: { type: 'function', function: { name: 'get_weather' } },
        max_completion_tokens: 200,
      });
      if (reply.status !== 200) return verdict('odd', refusal(reply));
      return wireAnswer(reply).calls.length > 0
        ? verdict('good', 'A call can be forced.')
        : verdict('odd', 'It takes a forced call and does not make it.');
    },
  },
];

const noCall = verdict('skipped', 'The probe "call" brought no call to go on from.');

function judgeCall({ calls, finish, text }: WireAnswer): Verdict {
  const [call] = calls;
  if (call === undefined) {
    return /<\|tool_call/.test(text)
      ? verdict(
          'bad',
          "The call comes as text, in tokens of the model’s template. The transport makes calls of it for tools that read; leakedCalls: 'all' for every tool.",
        )
      : verdict('bad', 'No call came.');
  }
  if (call.name !== 'get_weather')
    return verdict('bad', `The call names the tool "${call.name.slice(0, 80)}".`);
  if (objectIn(call.arguments) === undefined)
    return verdict('bad', 'The arguments are no JSON object.');
  if (finish !== 'tool_calls')
    return verdict('odd', `The call is whole, and the answer ends with ${finish ?? 'no reason'}.`);
  if (call.id === '') return verdict('odd', 'The call has no id; the transport gives it one.');
  return verdict('good', `It comes whole, as ${call.id.slice(0, 60)}.`);
}

function judgeKept(withAll: number, without: number): Verdict {
  if (withAll === 0 || without === 0)
    return verdict('odd', 'It does not count the tokens of the question, so nothing can be said.');
  return withAll > without
    ? verdict('good', `They do: ${withAll} tokens with keep: 'all', ${without} without.`)
    : verdict(
        'odd',
        `${withAll} tokens with and without keep: 'all': thoughts are dropped, or always kept.`,
      );
}

function judgeTwoCalls({ calls }: WireAnswer): Verdict {
  if (calls.length < 2)
    return verdict('odd', `${calls.length} call came where two were asked for.`);
  const ids = new Set(calls.map(({ id }) => id));
  if (!calls.every((call) => objectIn(call.arguments) !== undefined))
    return verdict('bad', 'Arguments of two calls are mixed up: they are no JSON.');
  return ids.size === calls.length
    ? verdict('good', 'They come apart, each with its id.')
    : verdict('odd', 'They come apart, with ids that repeat; the transport gives each its own.');
}

function calledOf({ calls, reasoning, reasoningKey, text }: WireAnswer): Called {
  const [call] = calls;
  const id = call?.id || 'get_weather:0';
  const made = {
    role: 'assistant',
    ...(text === '' ? {} : { content: text }),
    tool_calls: [
      { id, type: 'function', function: { name: 'get_weather', arguments: call?.arguments } },
    ],
  };
  const rest = { role: 'tool', tool_call_id: id, content: result };
  const { messages } = say(weatherQuestion);
  const key = reasoningKey ?? 'reasoning_content';
  const usual = { ...made, reasoning_content: reasoning || ' ' };
  return {
    messages: [...messages, { ...made, [key]: reasoning || ' ' }, rest],
    ...(key === 'reasoning_content' ? {} : { underUsualKey: [...messages, usual, rest] }),
    withoutReasoning: [...messages, made, rest],
  };
}
