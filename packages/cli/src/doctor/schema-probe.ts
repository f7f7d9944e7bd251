import { toMoonshotSchema } from '@throughline/anyfast';
import { objectIn } from './endpoint-client.ts';
import type { Endpoint, Reply } from './endpoint-client.ts';
import { refusal, verdict } from './probe.ts';
import type { Learnt, Probe, Verdict } from './probe.ts';
import { fieldsOf, isRefused } from './request-fields.ts';
import { wireAnswer } from './wire-answer.ts';

/** What a schema may hold, beside plain types. */
interface Richness {
  readonly unions: boolean;
  readonly references: boolean;
}

/** Whether the host takes a schema as the transport sends it. */
export const schemaProbe: Probe = {
  name: 'schema',
  need: 'should',
  usd: 0.002,
  about: 'is a compiled schema with a union and a reference taken, and do arguments fit it',
  docs: 'docs/endpoint.md#tool-schemas',
  async run(endpoint, learnt) {
    const reply = await book(endpoint, learnt, { unions: true, references: true });
    if (reply.status === 200) return judgeBooking(reply);
    if (!isRefused(reply)) return verdict('bad', refusal(reply));
    for (const [words, richness] of poorer) {
      const { status } = await book(endpoint, learnt, richness);
      if (status === 200)
        return verdict('bad', `It takes a schema only ${words}: write tools so. ${refusal(reply)}`);
    }
    return verdict('bad', refusal(reply));
  },
};

const poorer: readonly (readonly [string, Richness])[] = [
  ['without unions (anyOf)', { unions: false, references: true }],
  ['without references ($ref)', { unions: true, references: false }],
  ['without unions (anyOf) and references ($ref)', { unions: false, references: false }],
];

async function book(endpoint: Endpoint, { use }: Learnt, richness: Richness): Promise<Reply> {
  const { schema } = await toMoonshotSchema(schemaOf(richness));
  const description = 'Books a table.';
  const tool = {
    type: 'function',
    function: { name: 'book_table', description, parameters: schema },
  };
  const content = 'Call book_table: the window table, for Ann.';
  return endpoint.chat({
    messages: [{ role: 'user', content }],
    ...fieldsOf(use, { thinks: true, streams: true }),
    tools: [tool],
    max_completion_tokens: 800,
  });
}

function schemaOf({ unions, references }: Richness): Readonly<Record<string, unknown>> {
  // A reference to itself is one that cannot be written out.
  const friends = references
    ? { friends: { type: 'array', items: { $ref: '#/$defs/guest' } } }
    : {};
  const guest = {
    type: 'object',
    properties: { name: { type: 'string' }, ...friends },
    required: ['name'],
    additionalProperties: false,
  };
  const place = { type: 'string', enum: ['window', 'garden'] };
  return {
    type: 'object',
    properties: {
      guests: { type: 'array', items: references ? { $ref: '#/$defs/guest' } : guest },
      table: unions ? { anyOf: [{ type: 'integer' }, place] } : place,
    },
    required: ['guests', 'table'],
    additionalProperties: false,
    ...(references ? { $defs: { guest } } : {}),
  };
}

function judgeBooking(reply: Reply): Verdict {
  const [call] = wireAnswer(reply).calls;
  if (call === undefined) return verdict('odd', 'It takes the schema, and no call came.');
  const { guests, table } = objectIn(call.arguments) ?? {};
  const fits =
    Array.isArray(guests) &&
    guests.every((one) => typeof (one as { name?: unknown } | null)?.name === 'string') &&
    (Number.isInteger(table) || table === 'window' || table === 'garden');
  return fits
    ? verdict('good', 'It takes the schema, and the arguments fit it.')
    : verdict(
        'odd',
        'It takes the schema, and the arguments do not fit it: the model will be asked to mend some calls.',
      );
}
