import assert from 'node:assert/strict';
import { Agent, prefix, ToolError } from '@throughline/core';
import type { JsonSchema, Toolkit } from '@throughline/core';
import { leftoversNow, nothingSince } from './leftovers.ts';
import { scriptedModel } from './scripted-model.ts';
import { casesWith, ToolkitTrial } from './toolkit-trial.ts';
import type { ToolInput, ToolkitCases, ToolkitCheck } from './toolkit-cases.ts';

/**
 * What every toolkit must do, for any test runner:
 * `for (const check of toolkitSuite(cases)) it(check.name, () => check.run())`.
 * Whether an endpoint accepts the schemas is for the tests of its transport.
 */
export function toolkitSuite(cases: ToolkitCases): readonly ToolkitCheck[] {
  const check = (name: string, run: (trial: ToolkitTrial) => Promise<void>): ToolkitCheck => ({
    name,
    run: () => onTrial(cases, run),
  });
  const each = (
    kind: 'works' | 'fails' | 'tellsMuch' | 'waits',
    does: string,
    run: (trial: ToolkitTrial, name: string, input: ToolInput) => Promise<void>,
  ) =>
    casesWith(cases, kind).map(([name, input]) =>
      check(`${name} ${does}`, (trial) => run(trial, name, input)),
    );
  return [
    check('has a name, and the tools that are named here', async ({ toolkit }) =>
      hasTools(toolkit, cases),
    ),
    check('describes each tool and each argument', async ({ toolkit }) => isDescribed(toolkit)),
    check('has the effects that are named here', async ({ toolkit }) => {
      const effects = toolkit.tools.map(({ name, effect }) => [name, effect]);
      const named = Object.entries(cases.tools).map(([name, { effect }]) => [name, effect]);
      assert.deepEqual(Object.fromEntries(effects), Object.fromEntries(named));
    }),
    check(
      'tells the model the same tools each time it is made, with a prefix as well',
      ({ toolkit }) => tellsTheSame(toolkit, cases),
    ),
    check('refuses arguments that are no object', async ({ toolkit }) => refusesOdd(toolkit)),
    ...each('works', 'does what it is asked', works),
    ...each('tellsMuch', 'bounds a long result itself', works),
    ...each('fails', 'fails in words for the model', failsInWords),
    ...each('waits', 'ends at once when it is aborted', endsWhenAborted),
    check(
      'leaves no handle, timer or child when it is disposed of, and settles what is under way',
      (trial) => leavesNothing(trial, cases),
    ),
  ];
}

async function onTrial(
  cases: ToolkitCases,
  run: (trial: ToolkitTrial) => Promise<void>,
): Promise<void> {
  const { toolkit, close } = await cases.make();
  try {
    await run(new ToolkitTrial(toolkit, cases));
  } finally {
    await toolkit.dispose?.();
    await close?.();
  }
}

function hasTools({ name, tools }: Toolkit<never>, cases: ToolkitCases): void {
  assert.match(
    name,
    /^\w[\w.-]*$/,
    'The toolkit’s name is for people and `prefix`: letters, digits, "_", "-" and ".".',
  );
  const names = tools.map((tool) => tool.name);
  assert.deepEqual(names.toSorted(), Object.keys(cases.tools).toSorted());
  assert.equal(new Set(names).size, names.length, `A name repeats: ${names.join(', ')}.`);
  for (const one of names)
    assert.match(one, /^[a-z][a-z0-9_]{0,63}$/, 'A tool is named like read_file.');
}

async function isDescribed({ tools }: Toolkit<never>): Promise<void> {
  for (const { name, description, inputSchema } of tools) {
    const words = description.trim().split(/\s+/);
    assert.ok(words.length >= 4, `${name} is described by no sentence: "${description}".`);
    const schema = await inputSchema.describe();
    assert.equal(schema['type'], 'object', `${name} takes no object.`);
    for (const [argument, about] of Object.entries((schema['properties'] ?? {}) as JsonSchema)) {
      const { description: told } = about as { readonly description?: unknown };
      assert.ok(
        typeof told === 'string' && told.trim() !== '',
        `${name}: the argument "${argument}" is not described.`,
      );
    }
  }
}

async function tellsTheSame(toolkit: Toolkit<never>, cases: ToolkitCases): Promise<void> {
  const first = await toldBy(toolkit);
  assert.equal(await toldBy(toolkit), first, 'It tells other tools the second time.');
  await onTrial(cases, async (other) => {
    assert.equal(await toldBy(other.toolkit), first, 'Made again, it tells other tools.');
  });
  const renamed = JSON.parse(await toldBy(prefix('own', toolkit))) as { readonly name: string }[];
  const names = toolkit.tools.map(({ name }) => `own_${name}`);
  assert.deepEqual(
    renamed.map(({ name }) => name),
    names,
  );
}

/** What a model is sent of the toolkit. */
async function toldBy(toolkit: Toolkit<never>): Promise<string> {
  const model = scriptedModel([{ text: 'Done.' }]);
  // What the tools need of a context is left out: none is called.
  const agent = new Agent({ model, tools: [toolkit as Toolkit] });
  await agent.run('Go.');
  return JSON.stringify(model.requests[0]?.tools);
}

async function refusesOdd({ tools }: Toolkit<never>): Promise<void> {
  for (const { name, inputSchema } of tools) {
    for (const odd of [null, 'text', 7, true, []]) {
      const { issues } = await inputSchema.parse(odd);
      assert.ok(issues !== undefined && issues.length > 0, `${name} takes ${JSON.stringify(odd)}.`);
    }
  }
}

async function works(trial: ToolkitTrial, name: string, input: ToolInput): Promise<void> {
  const text = await trial.call(name, await trial.input(input));
  const most = trial.tool(name).maxResultChars;
  assert.ok(
    text.length <= most,
    `${name} tells ${text.length} characters, and only ${most} reach the model: the middle would be lost.`,
  );
}

async function failsInWords(trial: ToolkitTrial, name: string, input: ToolInput): Promise<void> {
  const given = await trial.input(input);
  const error: unknown = await trial.call(name, given).then(
    (text) => assert.fail(`${name} does not fail; it tells: ${text.slice(0, 300)}`),
    (thrown: unknown) => thrown,
  );
  if (error instanceof assert.AssertionError) throw error;
  assert.ok(
    error instanceof ToolError,
    `${name} fails with ${String(error)}, which is no ToolError.`,
  );
  assert.match(
    error.message,
    /^\S.*[.!?)]$/s,
    `${name} fails without a sentence: "${error.message}".`,
  );
  assert.ok(error.message.length <= 2_000, `${name} fails in ${error.message.length} characters.`);
}

async function endsWhenAborted(trial: ToolkitTrial, name: string, input: ToolInput): Promise<void> {
  const given = await trial.input(input);
  const controller = new AbortController();
  const reason = new Error('enough');
  let settled = false;
  const work = trial.call(name, given, { signal: controller.signal }).then(
    (text): unknown => text,
    (error: unknown) => error,
  );
  void work.then(() => (settled = true));
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(!settled, `${name} does not wait: ${settled ? String(await work) : ''}`);
  controller.abort(reason);
  const outcome = await trial.promptly(work, `${name} goes on after an abort`);
  assert.equal(outcome, reason, `${name} does not reject with the abort’s own reason.`);
}

async function leavesNothing(trial: ToolkitTrial, cases: ToolkitCases): Promise<void> {
  const before = leftoversNow();
  await onTrial(cases, async (own) => {
    for (const [name, input] of casesWith(cases, 'works')) {
      await own.call(name, await own.input(input));
    }
    const waiting: Promise<unknown>[] = [];
    for (const [name, input] of casesWith(cases, 'waits')) {
      const given = await own.input(input);
      waiting.push(own.call(name, given).catch(() => {}));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    await own.promptly(Promise.resolve(own.toolkit.dispose?.()), 'dispose does not come to an end');
    await own.promptly(Promise.all(waiting), 'a call goes on after dispose');
    await own.toolkit.dispose?.(); // a second time, which may not fail
  });
  await trial.toolkit.dispose?.();
  await nothingSince(before, trial.promptMs);
}
