import { Agent } from '@throughline/core';
import type { CallPending, Decision, Model } from '@throughline/core';
import { scriptedModel } from '@throughline/testing';
import { operands, shell } from '@throughline/toolkit-shell';
import { expect, test } from 'vitest';
import { workshop } from './call.ts';

const shop = workshop();

/** Makes these calls, one a step, then says what it was told. */
function calling(...wanted: readonly (readonly [name: string, input: object])[]): Model {
  return scriptedModel(({ messages }, step) => {
    const call = wanted[step];
    if (call !== undefined) return { calls: [{ name: call[0], arguments: call[1] }] };
    const told = messages.flatMap(({ role, content }) => (role === 'tool' ? [content] : []));
    return { text: told.join('\n') };
  });
}

/** Runs each command, then says what it was told. */
function asking(...commands: readonly string[]): Model {
  return calling(...commands.map((command) => ['run_command', { command }] as const));
}

test('an agent with the toolkit runs what a rule allows, and a person is asked about the rest', async () => {
  const home = process.cwd();
  process.chdir(shop.root);
  const model = asking('git --version | head -1', 'touch made; echo done');
  try {
    // #region use
    const tools = shell({
      cwd: '.',
      allow: [['npm', 'test'], ['git', '--version'], ([name]) => name === 'head'],
      allowRead: [
        ['git', 'status', '--short'],
        ['git', 'diff', '--stat', operands],
      ],
    });
    const agent = new Agent({ model, tools: [tools] });

    const run = agent.stream('Mend the failing test.', { decide: mayRun });
    for await (const event of run) {
      if (event.type === 'call.progress') console.log(event.progress);
    }
    await agent.dispose(); // ends whatever still runs
    // #endregion
    const { text } = await run.result;
    expect(text).toMatch(
      /^Exit code 0 after [\d.]+ s[.] Output:\ngit version [^\n]*\n\nExit code 0 after [\d.]+ s[.] Output:\ndone\n$/,
    );
    expect(asked).toEqual(['{"command":"touch made; echo done"}']);
  } finally {
    process.chdir(home);
  }
});

const asked: string[] = [];

async function mayRun(call: CallPending): Promise<Decision> {
  asked.push(call.arguments);
  return { approve: true };
}

test('with nobody at hand a command that no rule allows waits, and has not run', async () => {
  const agent = new Agent({ model: asking('touch never'), tools: [shop.kit()] });
  const { stopReason, pending } = await agent.run('Go.');
  expect(stopReason).toBe('suspended');
  expect(pending).toHaveLength(1);
  const look = new Agent({ model: asking('ls'), tools: [shop.kit({ allow: [['ls']] })] });
  expect((await look.run('Look.')).text).not.toContain('never');
});

test('a run that is aborted ends at once, and what it ran ends too', async () => {
  const controller = new AbortController();
  const kit = shop.kit({ allow: [['sleep', '300']] });
  const agent = new Agent({ model: asking('sleep 300'), tools: [kit] });
  const run = agent.stream('Wait.', { signal: controller.signal });
  run.on('call.start', () => controller.abort(new Error('enough')));
  await expect(run.result).rejects.toThrow('enough');
  await agent.dispose();
});

test('a run can read what it has started, and no other run of the same agent can', async () => {
  const kit = shop.kit({ allow: [['sleep', '300']] });
  const start = calling(
    ['start_command', { command: 'sleep 300' }],
    ['wait_for_command', { id: '1', seconds: 0 }],
  );
  const one = await new Agent({ model: start, tools: [kit] }).run('Start.');
  expect(one.text).toMatch(/The command has the id "1"[.] Still running.*\n.*Still running/);
  const pry = calling(['command_output', { id: '1' }], ['stop_command', { id: '1' }]);
  const two = await new Agent({ model: pry, tools: [kit] }).run('Pry.');
  expect(two.text).toBe(
    'This run has no command "1". It has started none.\nThis run has no command "1". It has started none.',
  );
  await kit.dispose?.();
});
