import type { AgentOptions, ResumeOptions, RunOptions } from './agent-options.ts';
import { checkFunctions, checkOptions, shown } from './check-options.ts';
import { ThroughlineError, wordsOf } from './error.ts';
import type { Limit } from './limit.ts';

/** Throws `invalid_option` for an option of an agent that does not exist or cannot be what it is. */
export function checkAgentOptions(options: AgentOptions<never, unknown>): void {
  const where = 'new Agent()';
  checkOptions(where, options, known);
  const { model, name, instructions, tools = [], limits = [], compaction } = options;
  if (typeof model?.stream !== 'function') {
    throw invalid(
      `The agent's model is ${shown(model)}, which has no stream method. Pass e.g. model: anyfast('kimi-k2.6').`,
    );
  }
  for (const [option, value] of Object.entries({ name, instructions })) {
    if (value === undefined || typeof value === 'string') continue;
    throw invalid(`${where}: ${option} is ${shown(value)}, but it must be a text.`);
  }
  if (!Array.isArray(tools)) throw notList(where, 'tools', tools);
  checkLimits(where, limits);
  const { approve, repairCall, prepareStep, parameters } = options;
  checkFunctions(where, { approve, repairCall, prepareStep });
  checkParameters(where, parameters);
  if (compaction !== undefined && typeof compaction?.shorten !== 'function') {
    throw invalid(
      `${where}: compaction is ${shown(compaction)}. Pass e.g. compaction: { atTokens: 100_000, shorten: compact.summarise() }.`,
    );
  }
}

/** The same for the options of one run. `where` is the method they were given to. */
export function checkRunOptions<Context>(where: string, options: RunOptions<Context>): void {
  checkOptions(where, options, knownOfRun);
  checkGiven(where, options);
  const { unfinished = 'refuse', recorder, nested } = options;
  if (unfinished !== 'refuse' && unfinished !== 'leave') {
    throw invalid(`${where}: unfinished is ${shown(unfinished)}; it is "refuse" or "leave".`);
  }
  if (recorder !== undefined) checkFunctions(`${where}: recorder`, { step: recorder.step ?? null });
  if (nested !== undefined)
    checkFunctions(`${where}: nested`, { recorder: nested.recorder ?? null });
}

/** The same for the options with which a run is taken up. */
export function checkResumeOptions<Context>(options: ResumeOptions<Context>): void {
  const where = 'agent.resume()';
  checkOptions(where, options, knownOfResume);
  checkGiven(where, options);
  const { decisions = [] } = options;
  if (!Array.isArray(decisions)) throw notList(where, 'decisions', decisions);
}

function checkGiven<Context>(where: string, options: ResumeOptions<Context>): void {
  const { limits = [], signal, approve } = options;
  checkLimits(where, limits);
  checkFunctions(where, { approve });
  if (signal === undefined || typeof signal?.addEventListener === 'function') return;
  throw invalid(
    `The signal is ${wordsOf(signal)}, which is no AbortSignal. Pass e.g. signal: controller.signal.`,
  );
}

/** Throws `invalid_option` for what is no list of limits. */
export function checkLimits(where: string, limits: readonly Limit[]): void {
  if (!Array.isArray(limits)) throw notList(where, 'limits', limits);
  for (const one of limits) {
    if (typeof one?.read === 'function') continue;
    throw invalid(
      `Among the limits stands ${shown(one)}, which is none. Take one of limit, e.g. limit.steps(20).`,
    );
  }
}

function checkParameters(where: string, parameters: unknown): void {
  if (parameters === undefined) return;
  if (typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters)) return;
  throw invalid(`${where}: parameters is ${shown(parameters)}, but it must be an object.`);
}

function notList(where: string, option: string, value: unknown): ThroughlineError {
  return invalid(
    `${where}: ${option} is ${shown(value)}, but it must be a list: ${option}: [ … ].`,
  );
}

function invalid(words: string): ThroughlineError {
  return new ThroughlineError('invalid_option', words);
}

const known: Readonly<Record<keyof AgentOptions, true>> = {
  model: true,
  name: true,
  instructions: true,
  tools: true,
  limits: true,
  approve: true,
  repairCall: true,
  maxParallelCalls: true,
  parameters: true,
  prepareStep: true,
  compaction: true,
  output: true,
};

const knownOfRun: Readonly<Record<keyof RunOptions, true>> = {
  signal: true,
  history: true,
  session: true,
  unfinished: true,
  context: true,
  limits: true,
  approve: true,
  recorder: true,
  nested: true,
};

const knownOfResume: Readonly<Record<keyof ResumeOptions, true>> = {
  signal: true,
  context: true,
  limits: true,
  approve: true,
  decisions: true,
};
