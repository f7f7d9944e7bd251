import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fileSessions } from '@throughline/sessions';
import { startSimulator } from '@throughline/simulator';
import type { ScriptedAnswer } from '@throughline/simulator';
import { lastPlan, planOf } from '@throughline/toolkit-plan';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { buildPrograms } from '../../../.ci/programs.ts';
import { mendingAgent } from './support/mending-agent.ts';
import { mendingScript } from './support/mending-script.ts';

const execute = promisify(execFile);
const program = fileURLToPath(new URL('../.tested/answer-question.mjs', import.meta.url));
beforeAll(() =>
  buildPrograms(dirname(program), {
    'answer-question': fileURLToPath(new URL('support/answer-question.ts', import.meta.url)),
  }),
);

const code = `/** A price with tax, in whole cents. */
export function withTax(cents, rate) {
  return Math.floor(cents * (1 + rate));
}
`;
const repository = {
  'src/price.mjs': code,
  'test/price.test.mjs': `import assert from 'node:assert/strict';
import test from 'node:test';
import { withTax } from '../src/price.mjs';

test('half a cent is not lost', () => {
  assert.equal(withTax(50, 0.25), 63);
});
`,
};

test.each([
  { label: 'To the nearest cent', mended: 'Math.round' },
  { label: 'Always up', mended: 'Math.ceil' },
])(
  'an agent with files, a shell and a plan mends a failing test as a person says in another process: $label',
  async ({ label, mended }) => {
    const { root, dir } = await smallRepository();
    const said: (string | undefined)[] = [];
    const simulator = await startSimulator({
      strictness: 'moonshot',
      script: (request): ScriptedAnswer => {
        const answer = mendingScript(request);
        said.push(answer.reasoning);
        return answer;
      },
    });
    onTestFinished(() => simulator.close());

    const endpoint = { baseURL: simulator.url, apiKey: simulator.key };
    const { result, plans } = await workUntilItAsks(root, dir, endpoint);
    expect(result.stopReason).toBe('suspended');
    expect(result.pending.map(({ name }) => name)).toEqual(['ask_user']);
    expect(String(result.calls[1]?.content)).toMatch(/^Exit code 1 after /);
    expect(plans).toEqual([
      'in_progress pending pending pending',
      'done in_progress pending pending',
    ]);
    await expect(readFile(join(root, 'src/price.mjs'), 'utf8')).resolves.toBe(code);

    const { asked, consented, ...end } = await answerElsewhere([root, dir, label], endpoint);
    expect(asked).toMatchObject([
      [
        {
          question:
            'withTax, used in 2 files, gives 62 by Math.floor; the test wants 63. How shall it round?',
          options: [{ label: 'To the nearest cent' }, { label: 'Always up' }],
        },
      ],
    ]);
    expect(consented).toEqual([]);
    const line = `return ${mended}(cents * (1 + rate));`;
    expect(end).toEqual({ stopReason: 'answer', text: `The test passes, with: ${line}` });
    await expect(readFile(join(root, 'src/price.mjs'), 'utf8')).resolves.toBe(
      code.replace('Math.floor', mended),
    );
    await execute(process.execPath, ['--test'], { cwd: root, env: { PATH: process.env['PATH'] } });

    const edit = simulator.requests
      .flatMap(({ body }) => body?.messages ?? [])
      .find(({ role, content }) => role === 'tool' && String(content).includes('1 place changed'));
    expect(String(edit?.content)).toContain(
      `-  return Math.floor(cents * (1 + rate));\n+  ${line}`,
    );
    const session = await fileSessions({ dir }).open('mend');
    onTestFinished(() => session.close());
    const plan = await lastPlan(session.log);
    expect(plan?.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'done']);
    const sent = simulator.requests.at(-1)?.body?.messages ?? [];
    const thoughts = sent.flatMap(({ role, reasoning_content }) =>
      role === 'assistant' ? [reasoning_content] : [],
    );
    expect(thoughts).toEqual(said.slice(0, -1));
    expect(simulator.requests.flatMap(({ lints }) => lints)).toEqual([]);
  },
);

/** A repository with a failing test, and a folder for sessions; gone with the test. */
async function smallRepository() {
  const home = await mkdtemp(join(tmpdir(), 'throughline-mend-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const root = join(home, 'shop');
  for (const [path, text] of Object.entries(repository)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const git = (...words: readonly string[]) => execute('git', words, { cwd: root });
  await git('init', '--quiet');
  await git('add', '.');
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  await git(...author, 'commit', '--quiet', '--message', 'A price with tax');
  return { root, dir: join(home, 'sessions') };
}

async function workUntilItAsks(root: string, dir: string, endpoint: Endpoint) {
  const session = await fileSessions({ dir }).open('mend');
  const agent = mendingAgent(root, endpoint);
  try {
    const run = agent.stream('Mend the failing test.', { session });
    const plans: string[] = [];
    run.on('call.progress', (event) => {
      const items = planOf(event);
      if (items !== undefined) plans.push(items.map(({ status }) => status).join(' '));
    });
    return { result: await run.result, plans };
  } finally {
    await agent.dispose();
    await session.close();
  }
}

async function answerElsewhere(args: readonly string[], { baseURL, apiKey }: Endpoint) {
  const { stdout } = await execute(process.execPath, [program, ...args], {
    env: {
      PATH: process.env['PATH'],
      ANYFAST_BASE_URL: baseURL,
      ANYFAST_API_KEY: apiKey,
    },
    timeout: 120_000,
  });
  return JSON.parse(stdout) as {
    readonly asked: unknown;
    readonly consented: readonly string[];
    readonly text: string;
    readonly stopReason: string;
  };
}

interface Endpoint {
  readonly baseURL: string;
  readonly apiKey: string;
}
