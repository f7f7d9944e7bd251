// doctor/ owns what an endpoint does, seen without any mend: probes, their price, their report. It does not own how the transport works
// round it (@throughline/anyfast).

import type { Command, Host } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { readOptions } from '../read-options.ts';
import { Ending } from '../run/ending.ts';
import { loadWidths } from '../terminal/graphemes.ts';
import { Printer } from '../terminal/printer.ts';
import { UsageError } from '../usage-error.ts';
import { compare, comparisonText } from './compare.ts';
import { endpointAt } from './endpoint-client.ts';
import { examine } from './examine.ts';
import { findingRow } from './finding-row.ts';
import { placeOf } from './place.ts';
import type { Place } from './place.ts';
import { readReport, writablePath, writeReport } from './report-file.ts';
import { failuresIn, wasReached } from './report.ts';
import type { Report } from './report.ts';
import { priceWords, tiers } from './tiers.ts';
import type { Tier } from './tiers.ts';

const usage = `Usage: throughline doctor [options]
       throughline doctor --compare FILE FILE [--json]

Asks an endpoint small questions and says what it does well, otherwise or badly. Check your key with it first: nothing of this
project was tried against the live endpoint. The key is read from ANYFAST_API_KEY and is never shown.

Options:
  --base-url URL  default: ANYFAST_BASE_URL, else https://www.anyfast.ai/v1
  --model NAME    default: kimi-k2.6
  --free          only what asks no model
  --dear          also what costs cents: a long prefix, a large body, an abort, twenty calls
  --json          one JSON object on stdout instead of the table
  --write FILE    write the same object to a file, for anyfast('kimi-k2.6', { capabilities }); chat, run and acp
                  read it where ANYFAST_CAPABILITIES names it
  --compare       say what differs between two files that --write has written; asks nothing

Exit codes: 0 all that must work works, 1 something does not, 2 wrong use, 129 SIGHUP, 130 SIGINT, 141 broken pipe, 143 SIGTERM.
`;

export const doctor: Command = {
  usage,
  async run(args, host) {
    const options = {
      'base-url': { type: 'string' },
      model: { type: 'string' },
      free: { type: 'boolean' },
      dear: { type: 'boolean' },
      json: { type: 'boolean' },
      write: { type: 'string' },
      compare: { type: 'boolean' },
    } as const;
    const { values, positionals } = readOptions(args, options, usage);
    await loadWidths();
    if (values.compare) return compared(positionals, values, host);
    if (positionals.length > 0)
      throw new UsageError(`"${positionals[0]}" is no option.\n\n${usage}`);
    const { model = 'kimi-k2.6', json = false, write } = values;
    const file = write === undefined ? undefined : await writablePath(write, host);
    const asked = tiersOf(values);
    const place = await placeOf(values['base-url'], host);
    const ending = new Ending(host);
    try {
      const wanted = { asked, model, json, host, file, signal: ending.signal };
      const report = await reportOf(place, wanted);
      const code = failuresIn(report).length === 0 ? exitCode.answer : exitCode.failed;
      return (await ending.codeOnceWritten()) ?? code;
    } catch (error) {
      if (ending.code !== undefined) return ending.code;
      throw error;
    } finally {
      ending.release();
      await place.close();
    }
  },
};

function tiersOf({
  free,
  dear,
}: {
  readonly free?: boolean;
  readonly dear?: boolean;
}): readonly Tier[] {
  if (free && dear) throw new UsageError(`--free and --dear exclude each other.\n\n${usage}`);
  if (free) return ['free'];
  return dear ? ['free', 'cheap', 'dear'] : ['free', 'cheap'];
}

interface Compared {
  readonly json?: boolean;
  readonly [other: string]: unknown;
}

/** Prints what differs between two files. */
async function compared(files: readonly string[], values: Compared, host: Host): Promise<number> {
  const { json = false, compare: _, ...others } = values;
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw new UsageError(`--compare asks nothing, so it takes no --${other}.\n\n${usage}`);
  const [first, second, ...more] = files;
  if (first === undefined || second === undefined || more.length > 0)
    throw new UsageError(`--compare needs two files, not ${files.length}.\n\n${usage}`);
  // A key of one host is not for another to see, and an environment holds one.
  if ([first, second].some((word) => /^https?:[/][/]/i.test(word)))
    throw new UsageError(
      '--compare takes files. Ask each host with its own key first: throughline doctor --base-url URL --write FILE',
    );
  const ending = new Ending(host);
  try {
    const found = compare(await readReport(first, host), await readReport(second, host));
    const printer = new Printer(host);
    if (json) printer.json(found);
    else printer.out(comparisonText(found));
    return (await ending.codeOnceWritten()) ?? exitCode.answer;
  } finally {
    ending.release();
  }
}

interface Wanted {
  readonly asked: readonly Tier[];
  readonly model: string;
  readonly json: boolean;
  readonly host: Host;
  /** Where to write the report. */
  readonly file: string | undefined;
  readonly signal: AbortSignal;
}

/** Says what it will cost, asks, prints what was found, and says what it did cost. */
async function reportOf(place: Place, wanted: Wanted): Promise<Report> {
  const { asked, model, json, host, file, signal } = wanted;
  const { baseURL, key, isScripted } = place;
  const printer = new Printer(host);
  if (isScripted) printer.say(scriptedNotice, 'yellow');
  printer.say(`${model} at ${baseURL}: ${priceWords(asked)}`);
  const endpoint = endpointAt({ baseURL, key, model, signal });
  const columns = host.stdout.isTTY ? host.stdout.columns : undefined;
  const found = await examine(
    endpoint,
    asked.flatMap((tier) => tiers[tier]),
    (finding) => {
      if (!json) printer.out(findingRow(finding, columns));
    },
  );
  const checkedAt = new Date().toISOString();
  const report: Report = { version: 1, baseURL, model, isScripted, checkedAt, ...found };
  if (json) printer.json(report);
  printer.say(endOf(report));
  if (file === undefined) {
    if (Object.keys(report.use).length > 0) printer.say(adviceFor(report));
  } else if (wasReached(report)) {
    await writeReport(file, report, host);
    printer.say(`Written to ${file}: anyfast('${model}', { capabilities }) takes it, parsed.`);
  } else printer.say(`Nothing was written to ${file}: the endpoint was not reached.`);
  return report;
}

const scriptedNotice =
  'ANYFAST_API_KEY is not set: this asks a simulator on this machine, whose model is SCRIPTED.';

function endOf(report: Report): string {
  const failed = failuresIn(report).length;
  const works =
    failed === 0 ? 'All that must work works.' : `${failed} of what must work does not.`;
  const { usd, model } = report;
  const cost =
    usd === undefined
      ? `The price of ${model} is not known.`
      : `It cost ${usd.toFixed(4)} US dollars at list price.`;
  return `${works} ${cost}`;
}

function adviceFor({ model, use }: Report): string {
  const shown = JSON.stringify(use);
  return `With --write FILE, ${shown} goes to a file that anyfast('${model}', { capabilities }) takes.`;
}
