// doctor/ owns what an endpoint does, seen without any mend: probes, their price, their report. It does not own how the transport works
// round it (@throughline/anyfast).

import { priceList } from '@throughline/anyfast';
import type { Command, Host } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { readOptions } from '../read-options.ts';
import { Printer } from '../terminal/printer.ts';
import { UsageError } from '../usage-error.ts';
import { answerProbes } from './answer-probes.ts';
import { callProbes } from './call-probes.ts';
import { endpointAt } from './endpoint-client.ts';
import type { Endpoint } from './endpoint-client.ts';
import { freeProbes } from './free-probes.ts';
import type { Learnt, Probe, Verdict } from './probe.ts';

const usage = `Usage: throughline doctor [options]

Asks an endpoint small questions and says what it does well, otherwise or badly. Check your key with it first: nothing of this
project was tried against the live endpoint. The key is read from ANYFAST_API_KEY and is never shown.

Options:
  --base-url URL  default: ANYFAST_BASE_URL, else https://www.anyfast.ai/v1
  --model NAME    default: kimi-k2.6
  --free          only what asks no model
  --json          one JSON object on stdout instead of the table

Exit codes: 0 all that must work works, 1 something does not, 2 wrong use.
`;

export const doctor: Command = {
  usage,
  async run(args, host) {
    const options = {
      'base-url': { type: 'string' },
      model: { type: 'string' },
      free: { type: 'boolean' },
      json: { type: 'boolean' },
    } as const;
    const { values, positionals } = readOptions(args, options, usage);
    if (positionals.length > 0)
      throw new UsageError(`"${positionals[0]}" is no option.\n\n${usage}`);
    const place = await placeOf(values['base-url'], host);
    const stop = new AbortController();
    const interrupt = () =>
      stop.abort(new DOMException('The doctor was interrupted.', 'AbortError'));
    process.once('SIGINT', interrupt);
    try {
      const { baseURL, key } = place;
      const model = values.model ?? 'kimi-k2.6';
      const endpoint = endpointAt({ baseURL, key, model, signal: stop.signal });
      const probes = [...freeProbes, ...(values.free ? [] : [...answerProbes, ...callProbes])];
      return await examine(endpoint, probes, {
        host,
        baseURL,
        isScripted: place.isScripted,
        json: values.json ?? false,
      });
    } catch (error) {
      if (stop.signal.aborted) return exitCode.interrupted;
      throw error;
    } finally {
      process.removeListener('SIGINT', interrupt);
      await place.close();
    }
  },
};

interface Place {
  readonly baseURL: string;
  readonly key: string;
  readonly isScripted: boolean;
  close(): Promise<void>;
}

/** Where to ask; without a key, a simulator in this process. */
async function placeOf(given: string | undefined, { env }: Host): Promise<Place> {
  const key = env['ANYFAST_API_KEY']?.trim();
  const url = given ?? env['ANYFAST_BASE_URL']?.trim();
  if (key !== undefined && key !== '') {
    const baseURL = checked(url || 'https://www.anyfast.ai/v1');
    if (/[^\x21-\x7e]/.test(key))
      throw new UsageError('ANYFAST_API_KEY holds characters that no key has.');
    return { baseURL, key, isScripted: false, close: async () => {} };
  }
  if (given !== undefined)
    throw new UsageError('ANYFAST_API_KEY is not set: --base-url needs a key.');
  const { startSimulator } = await import('@throughline/simulator');
  const { scriptedHost } = await import('./scripted-host.ts');
  const simulator = await startSimulator({ script: scriptedHost });
  return {
    baseURL: simulator.url,
    key: simulator.key,
    isScripted: true,
    close: () => simulator.close(),
  };
}

function checked(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new UsageError(
      `"${url.slice(0, 200)}" is no base URL, such as https://www.anyfast.ai/v1.`,
    );
  }
  return url.replace(/\/+$/, '');
}

interface Finding extends Verdict {
  readonly name: string;
  readonly need: Probe['need'];
  readonly about: string;
  readonly docs: string;
}

async function examine(
  endpoint: Endpoint,
  probes: readonly Probe[],
  about: {
    readonly host: Host;
    readonly baseURL: string;
    readonly isScripted: boolean;
    readonly json: boolean;
  },
): Promise<number> {
  const printer = new Printer(about.host);
  const price = probes.reduce((sum, { usd }) => sum + usd, 0);
  if (about.isScripted) {
    printer.say(
      'ANYFAST_API_KEY is not set: this asks a simulator on this machine, whose model is SCRIPTED.',
      'yellow',
    );
  }
  printer.say(
    `${endpoint.model} at ${about.baseURL}: ${probes.length} probes, about ${price.toFixed(3)} US dollars at list price.`,
  );
  const findings: Finding[] = [];
  const learnt: Learnt = {};
  for (const probe of probes) {
    const { name, need, about: asks, docs } = probe;
    const found = await probe.run(endpoint, learnt).catch((error: unknown) => troubled(error));
    findings.push({ name, need, about: asks, docs, ...found });
    if (!about.json) printer.out(rowOf({ name, need, about: asks, docs, ...found }));
    if (name === 'reach' && found.outcome === 'bad') break; // all others would say the same
  }
  const failed = findings.filter(({ need, outcome }) => need === 'must' && outcome === 'bad');
  const usd = costOf(endpoint.spent);
  if (about.json) {
    const { baseURL, isScripted } = about;
    printer.json({
      version: 1,
      baseURL,
      model: endpoint.model,
      isScripted,
      checkedAt: new Date().toISOString(),
      usd,
      findings,
    });
  }
  printer.say(
    `${failed.length === 0 ? 'All that must work works.' : `${failed.length} of what must work does not.`} It cost ${usd.toFixed(4)} US dollars at list price.`,
  );
  return failed.length === 0 ? exitCode.answer : exitCode.failed;
}

/** What a request that brought no answer at all says. An abort is none of the endpoint's. */
function troubled(error: unknown): Verdict {
  if (error instanceof Error && error.name === 'AbortError') throw error;
  const { name, cause } = error instanceof Error ? error : new Error(String(error));
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  const reason =
    name === 'TimeoutError' ? 'no answer within two minutes' : (code ?? 'the connection failed');
  return { outcome: 'bad', says: `It does not answer: ${reason}.` };
}

const marks = { good: '✓', odd: '~', bad: '✗', skipped: '-' } as const;

function rowOf({ name, need, outcome, says, option, docs }: Finding): string {
  const more =
    outcome === 'good' || outcome === 'skipped'
      ? ''
      : `\n${' '.repeat(25)}see ${docs}${option === undefined ? '' : `; try anyfast('…', { ${option} })`}`;
  return `${marks[outcome]} ${name.padEnd(15)} ${need.padEnd(7)}${says}${more}`;
}

function costOf({ input, cached, output }: Endpoint['spent']): number {
  const { inputUsd, cachedUsd, outputUsd } = priceList.models['kimi-k2.6'] ?? {
    inputUsd: 0,
    cachedUsd: 0,
    outputUsd: 0,
  };
  return ((input - cached) * inputUsd + cached * cachedUsd + output * outputUsd) / 1e6;
}
