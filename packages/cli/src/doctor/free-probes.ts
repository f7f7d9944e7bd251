import { isFields } from './endpoint-client.ts';
import { refusal, verdict } from './probe.ts';
import type { Probe } from './probe.ts';

const small = { messages: [{ role: 'user', content: 'Say ok.' }], max_completion_tokens: 8 };

/** The way to the endpoint, the key, and how it refuses. They ask no model. */
export const freeProbes: readonly Probe[] = [
  {
    name: 'reach',
    need: 'must',
    usd: 0,
    about: 'is it there, how long does it take, is its clock right',
    docs: 'docs/endpoint.md#reaching-it',
    async run(endpoint) {
      const { status, totalMs, headers } = await endpoint.ask({ path: '/models' });
      const took = `It answers after ${Math.round(totalMs)} ms.`;
      if (status >= 300 && status < 400) {
        return verdict(
          'bad',
          `It leads to ${headers.get('location') ?? 'nowhere'}: use that base URL.`,
        );
      }
      const sent = Date.parse(headers.get('date') ?? '');
      const skewS = Number.isNaN(sent) ? 0 : Math.round(Math.abs(Date.now() - sent) / 1000);
      return skewS > 300
        ? verdict('odd', `${took} Its clock differs from yours by ${skewS} s.`)
        : verdict('good', took);
    },
  },
  {
    name: 'key',
    need: 'must',
    usd: 0,
    about: 'is the key taken, and may it use the model',
    docs: 'docs/errors.md',
    async run(endpoint) {
      const reply = await endpoint.ask({ path: '/models' });
      if (reply.status === 404) return verdict('odd', 'It has no list of models.');
      if (reply.status !== 200) return verdict('bad', refusal(reply));
      const list: unknown = reply.json?.['data'];
      const names = (Array.isArray(list) ? list : []).flatMap((one: unknown) =>
        isFields(one) && typeof one['id'] === 'string' ? [one['id']] : [],
      );
      if (names.includes(endpoint.model)) {
        return verdict('good', `The key is taken, and ${endpoint.model} is listed.`);
      }
      const alike = names.filter((name) => /kimi|moonshot/i.test(name)).slice(0, 5);
      const hint = alike.length === 0 ? '' : ` Alike are: ${alike.join(', ')}.`;
      return verdict(
        'bad',
        `${endpoint.model} is not among the ${names.length} models of this key.${hint}`,
      );
    },
  },
  {
    name: 'wrong key',
    need: 'should',
    usd: 0,
    about: 'how a wrong key is refused',
    docs: 'docs/errors.md',
    async run(endpoint) {
      const reply = await endpoint.chat(small, 'sk-throughline-doctor-wrong-key');
      if (reply.status === 401) return verdict('good', 'It refuses a wrong key with 401.');
      if (reply.status === 200) return verdict('bad', 'It answers a request with a wrong key.');
      return verdict('odd', `${refusal(reply)}. A 401 was expected.`);
    },
  },
  {
    name: 'unknown model',
    need: 'should',
    usd: 0,
    about: 'how an unknown model is refused',
    docs: 'docs/errors.md',
    async run(endpoint) {
      const reply = await endpoint.chat({ ...small, model: 'throughline-no-such-model' });
      return reply.status === 200
        ? verdict(
            'bad',
            'It answers for a model that does not exist: another may answer for yours.',
          )
        : verdict('good', `It refuses an unknown model with ${reply.status}.`);
    },
  },
];
