import { toCount } from './endpoint-client.ts';
import type { Reply } from './endpoint-client.ts';
import { noisePicture } from './noise-picture.ts';
import { judged, refusal, verdict } from './probe.ts';
import type { Probe, Verdict } from './probe.ts';
import { fieldsOf, isRefused } from './request-fields.ts';
import { calling, isWholeCall } from './weather-call.ts';
import { cachedTokens, promptTokens, wireAnswer } from './wire-answer.ts';

const plainly = { thinks: false, streams: false };
const sayOk = { role: 'user', content: 'Say only: ok' };
const inMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** What costs cents: a long prefix, a large body, an abort, many calls. They are asked only where a person wants them. */
export const dearProbes: readonly Probe[] = [
  {
    name: 'cache',
    need: 'may',
    usd: 0.04,
    about: 'does a prefix of 20,000 tokens that is sent twice come from the cache',
    docs: 'docs/cost.md',
    async run(endpoint, { use }) {
      // A word is about one token. It is another prefix each time, so that no earlier look has filled the cache.
      const prefix = `${Date.now()}: ${'one two three four '.repeat(5000)}`;
      const messages = [{ role: 'system', content: prefix }, sayOk];
      const ask = { messages, ...fieldsOf(use, plainly), max_completion_tokens: 16 };
      const keyed = { ...ask, prompt_cache_key: 'throughline-doctor' };
      const first = await endpoint.chat(keyed);
      const takesKey = !isRefused(first);
      const body = takesKey ? keyed : ask;
      const begun = takesKey ? first : await endpoint.chat(body);
      if (begun.status === 429) return verdict('skipped', refusal(begun));
      if (begun.status !== 200) return verdict('bad', refusal(begun));
      const again = await endpoint.chat(body);
      return judged(again, (answer) => {
        const found = judgeCache(promptTokens(answer), cachedTokens(answer));
        if (takesKey) return found;
        return verdict('odd', `It refuses promptCacheKey: leave it out. Without: ${found.says}`);
      });
    },
  },
  {
    name: 'large body',
    need: 'may',
    usd: 0.01,
    about: 'is a picture of 3 MB taken, which makes a body of 4 MB',
    docs: 'docs/endpoint.md#pictures-and-video',
    async run(endpoint, { use }) {
      const send = (picture: Buffer) => {
        const url = `data:image/png;base64,${picture.toString('base64')}`;
        const content = [
          { type: 'image_url', image_url: { url } },
          { type: 'text', text: 'Say ok.' },
        ];
        const messages = [{ role: 'user', content }];
        return endpoint.chat({ messages, ...fieldsOf(use, plainly), max_completion_tokens: 16 });
      };
      const [large, small] = [noisePicture(1000), noisePicture(550)];
      const reply = await send(large);
      if (reply.status === 200)
        return verdict('good', `It takes a picture of ${inMegabytes(large.length)}.`);
      const less = await send(small);
      return less.status === 200
        ? verdict(
            'odd',
            `It takes a picture of ${inMegabytes(small.length)}, and not one of ${inMegabytes(large.length)}: give mediaPart() a lower maxBytes. ${refusal(reply)}`,
          )
        : verdict('odd', `It takes no pictures. ${refusal(less)}`);
    },
  },
  {
    name: 'abort',
    need: 'should',
    usd: 0.004,
    about: 'can the next question follow at once where an answer was stopped in the middle',
    docs: 'docs/control.md',
    async run(endpoint, { use }) {
      if (use.stream === false) return verdict('skipped', 'It does not stream.');
      const messages = [{ role: 'user', content: 'Count from 1 to 400, in words.' }];
      const fields = fieldsOf(use, { thinks: false, streams: true });
      const path = '/chat/completions';
      const long = { model: endpoint.model, messages, ...fields, max_completion_tokens: 900 };
      const begun = await endpoint.ask({ path, body: long, stopsAtFirst: true });
      if (begun.status !== 200) return verdict('bad', refusal(begun));
      const short = { ...long, messages: [sayOk], max_completion_tokens: 16 };
      return judgeNext(await endpoint.ask({ path, body: short }));
    },
  },
  {
    name: 'twenty calls',
    need: 'may',
    usd: 0.02,
    about: 'how many of twenty calls come whole, and how long do they take',
    docs: 'docs/tools.md#doubt',
    async run(endpoint, { use }) {
      const tookMs: number[] = [];
      let whole = 0;
      for (let asked = 0; asked < 20; asked += 1) {
        const reply = await endpoint.chat(calling(use));
        if (reply.status !== 200)
          return verdict('odd', `After ${asked} of 20 calls: ${refusal(reply)}`);
        tookMs.push(reply.totalMs);
        if (isWholeCall(wireAnswer(reply))) whole += 1;
      }
      tookMs.sort((a, b) => a - b);
      const [middle = 0, longest = 0] = [tookMs[10], tookMs[19]].map((ms = 0) => Math.round(ms));
      const took = `An answer takes ${middle} ms, at most ${longest} ms.`;
      return verdict(whole === 20 ? 'good' : 'odd', `${whole} of 20 calls came whole. ${took}`);
    },
  },
];

function judgeCache(input: number, cached: number): Verdict {
  if (input === 0) return verdict('odd', 'It does not count tokens, so nothing can be said.');
  const told = `${cached} of ${input} tokens of the second request come from the cache`;
  return cached >= input / 2
    ? verdict('good', `${told}.`)
    : verdict('odd', `${told}: each step of a run pays for all before it in full.`);
}

function judgeNext(reply: Reply): Verdict {
  if (reply.status === 200) return verdict('good', 'The next question is answered at once.');
  if (reply.status !== 429) return verdict('bad', refusal(reply));
  const asked = toCount(Number(reply.headers.get('retry-after')));
  const wait = asked === 0 ? 'a while' : `${asked} s`;
  return verdict(
    'odd',
    `It counts the answer that was stopped for ${wait}; the transport waits and asks again. ${refusal(reply)}`,
  );
}
