import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSimulator } from '@throughline/simulator';
import type { Script } from '@throughline/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Person } from './support/person.ts';
import {
  asBuilt,
  ended,
  environment,
  newFolder,
  start,
  throughline,
} from './support/throughline.ts';

/** An endpoint with a key, as a person has one. */
async function endpoint(script: Script) {
  const simulator = await startSimulator({ script, key: 'sk-this-is-the-secret-key' });
  onTestFinished(() => simulator.close());
  const env = { ANYFAST_BASE_URL: simulator.url, ANYFAST_API_KEY: simulator.key };
  return { env, simulator };
}

describe('throughline run', () => {
  it('puts the answer on stdout and all else on stderr, and says that the model is scripted', async () => {
    const cwd = await newFolder();
    await writeFile(join(cwd, 'notes.txt'), 'remember the milk\n');
    const { code, stdout, stderr } = await throughline(['run', 'read notes.txt'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('remember the milk');
    expect(stdout).not.toContain('→');
    expect(stderr).toContain('the model is SCRIPTED');
    expect(stderr).toContain('→ read_file {"path":"notes.txt"}');
  });

  it('reads the words from a pipe, with Windows line ends, and puts them behind words with "-"', async () => {
    const cwd = await newFolder();
    const { env, simulator } = await endpoint(() => ({ text: 'Read.' }));
    await throughline(['run'], { cwd, env, input: 'first\r\nsecond\r\n' });
    await throughline(['run', 'Sum up:', '-'], { cwd, env, input: 'a text' });
    const asked = simulator.requests.map(({ body }) => body?.messages.at(-1)?.content);
    expect(asked).toEqual(['first\nsecond', 'Sum up:\n\na text']);
  });

  it('says that there is nothing to ask where stdin is empty', async () => {
    const { code, stdout, stderr } = await throughline(['run']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('no words to ask');
  });

  it('tells an option that it does not know, as a wrong use', async () => {
    const { code, stderr } = await throughline(['run', '--modle', 'x']);
    expect(code).toBe(2);
    expect(stderr).toContain("Unknown option '--modle'");
    expect(stderr).toContain('Usage: throughline run');
  });

  it('prints each event as one line of JSON with --json', async () => {
    const { code, stdout } = await throughline(['run', '--json', 'hello'], {
      cwd: await newFolder(),
    });
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly type: string });
    expect(code).toBe(0);
    expect(events[0]?.type).toBe('run.start');
    expect(events.at(-1)?.type).toBe('run.end');
  });

  it('ends as 5 where the answer was cut, and prints what there is', async () => {
    const { env } = await endpoint([{ text: 'Once upon', finishReason: 'length' }]);
    const { code, stdout, stderr } = await throughline(['run', 'tell'], {
      cwd: await newFolder(),
      env,
    });
    expect({ code, stdout }).toEqual({ code: 5, stdout: 'Once upon\n' });
    expect(stderr).toContain('cut at its token limit');
  });

  it('ends as 1 where the endpoint refuses the key, and never shows it', async () => {
    const { env } = await endpoint([{ text: 'Never.' }]);
    const secret = 'sk-another-secret-key';
    const { code, stdout, stderr } = await throughline(['run', 'hello'], {
      cwd: await newFolder(),
      env: { ...env, ANYFAST_API_KEY: secret },
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('ANYFAST_API_KEY');
    expect(stderr).not.toContain(secret);
    expect(stderr).not.toContain('    at ');
  });

  it('strikes out the key where the model says it, in text as in JSON', async () => {
    const key = 'sk-this-is-the-secret-key';
    const { env } = await endpoint(() => ({ text: `The key is ${key}.` }));
    const cwd = await newFolder();
    const text = await throughline(['run', 'say it'], { cwd, env });
    expect(text.stdout).toBe('The key is [the key].\n');
    const json = await throughline(['run', '--json', 'say it'], { cwd, env });
    expect(json.code).toBe(0);
    const end = json.stdout.split('\n').find((line) => line.includes('"run.end"'));
    expect(end).not.toContain(key);
  });

  it('strikes out a key that the model spells over many deltas, in text, thoughts and calls', async () => {
    const key = 'sk-this-is-the-secret-key';
    const { env } = await endpoint(({ messages }) =>
      messages.at(-1)?.role === 'tool'
        ? { reasoning: `I saw ${key}`, text: `It is ${key}`, pieceDelayMs: 5 }
        : { calls: [{ name: 'read_file', arguments: { path: `no-${key}.txt` } }], pieceDelayMs: 5 },
    );
    const cwd = await newFolder();
    const { stdout } = await throughline(['run', '--json', 'spell it'], { cwd, env });
    const said: Record<string, string> = {};
    let deltas = 0;
    for (const line of stdout.trimEnd().split('\n')) {
      const { type, delta } = JSON.parse(line) as { type: string; delta?: string };
      if (delta === undefined) continue;
      said[type] = (said[type] ?? '') + delta;
      deltas += 1;
    }
    expect(deltas).toBeGreaterThan(6); // unread deltas are joined
    expect(said['text.delta']).toMatch(/^It is (?:s|sk|sk-)?\[the key\]$/);
    expect(said['reasoning.delta']).toMatch(/^I saw (?:s|sk|sk-)?\[the key\]$/);
    expect(said['call.delta']).toMatch(/^\{"path":"no-(?:s|sk|sk-)?\[the key\].txt"\}$/);
  });

  it('cuts a long result only after the key is struck out', async () => {
    const key = 'sk-this-is-the-secret-key';
    const cwd = await newFolder();
    await writeFile(join(cwd, 'long.txt'), `${'x'.repeat(140)} ${key}\n`);
    const { env } = await endpoint([
      { calls: [{ name: 'read_file', arguments: { path: 'long.txt' } }] },
      { text: 'Read.' },
    ]);
    const { stderr } = await throughline(['run', 'read it'], { cwd, env });
    expect(stderr).toContain('xxx');
    expect(stderr).not.toContain('sk-t');
  });

  it('lets no control character of the model or a file through', async () => {
    const attack = '\u001b]0;owned\u0007\u001b[2Jred\u009b31m \u202eback\rover';
    const { env } = await endpoint(() => ({ text: attack }));
    const cwd = await newFolder();
    // eslint-disable-next-line no-control-regex -- these are what must not come
    const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/;
    const text = await throughline(['run', 'attack'], { cwd, env });
    expect(text.stdout).toContain('red');
    expect(text.stdout).not.toMatch(controls);
    const json = await throughline(['run', '--json', 'attack'], { cwd, env });
    expect(json.stdout).not.toMatch(controls);
    const end = json.stdout.split('\n').find((line) => line.includes('"run.end"')) ?? '';
    expect(JSON.parse(end)).toMatchObject({ text: attack });
  });

  it('suspends a call that needs a person, and the command it prints decides the call', async () => {
    const cwd = await newFolder();
    const first = await throughline(['run', 'run echo done > made.txt'], { cwd });
    expect(first).toMatchObject({ code: 3, stdout: '' });
    expect(await readdir(cwd)).not.toContain('made.txt');
    const command = /throughline (sessions decide .*) --approve/.exec(first.stderr)?.[1] ?? '';
    const words = command.split(' ').map((word) => word.replaceAll("'", ''));
    const second = await throughline([...words, '--approve'], { cwd });
    expect(second.code).toBe(0);
    expect(second.stdout).toContain('run_command');
    expect(await readdir(cwd)).toContain('made.txt');
    const third = await throughline([...words, '--approve'], { cwd });
    expect(third.code).toBe(2);
    expect(third.stderr).toContain('none waits');
  });

  it('goes on with the session that changed last, and with one by its name', async () => {
    const cwd = await newFolder();
    const { env, simulator } = await endpoint(({ messages }) => ({ text: `${messages.length}` }));
    await throughline(['run', 'one', '--session', 'mine'], { cwd, env });
    await throughline(['run', 'two', '--continue'], { cwd, env });
    await throughline(['run', 'three', '--session', 'mine'], { cwd, env });
    expect(simulator.requests.at(-1)?.body?.messages.filter((m) => m.role === 'user')).toHaveLength(
      3,
    );
    const none = await throughline(['run', 'x', '--continue'], { cwd: await newFolder(), env });
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('no session to continue');
  });

  it('runs the agent of a TypeScript file, and ends as 4 at its limit', async () => {
    const cwd = await newFolder();
    await mkdir(join(cwd, 'node_modules'));
    const source = new URL('./support/limited-agent.ts', import.meta.url).pathname;
    const { env } = await endpoint(() => ({ calls: [{ name: 'tick', arguments: {} }] }));
    const { code, stderr } = await throughline(['run', 'go', '--agent', source], { cwd, env });
    expect(stderr).toContain('The limit of');
    expect(code).toBe(4);
  });

  it('says what an agent file exports instead of an agent, and what a broken one throws', async () => {
    const cwd = await newFolder();
    await writeFile(join(cwd, 'none.mjs'), 'export const agnet = 1;\n');
    await writeFile(join(cwd, 'broken.mjs'), 'throw new Error("no database");\n');
    const none = await throughline(['run', 'go', '--agent', 'none.mjs'], { cwd });
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('exports no agent, but agnet');
    const broken = await throughline(['run', 'go', '--agent', 'broken.mjs'], { cwd });
    expect(broken.stderr).toContain('could not be loaded. Error: no database');
    const missing = await throughline(['run', 'go', '--agent', 'missing.ts'], { cwd });
    expect(missing.stderr).toContain('There is no agent file');
  });

  it.skipIf(process.platform === 'win32')(
    'stops at a signal with its exit code, and the session can go on',
    async () => {
      const cwd = await newFolder();
      const { env, simulator } = await endpoint(() => ({ text: 'Late.', delayMs: 60_000 }));
      for (const [signal, code] of [
        ['SIGINT', 130],
        ['SIGTERM', 143],
        ['SIGHUP', 129],
      ] as const) {
        const asked = simulator.requests.length;
        const child = start(['run', 'wait', '--session', signal], { cwd, env });
        const end = ended(child);
        await expect.poll(() => simulator.requests.length, { timeout: 30_000 }).toBe(asked + 1);
        child.kill(signal);
        expect((await end).code).toBe(code);
      }
      const shown = await throughline(['sessions', 'show', 'SIGINT'], { cwd });
      expect(shown.stderr).toContain('stopped');
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'ends the command that a call has started, where its terminal goes away',
    async () => {
      const cwd = await newFolder();
      const { env } = await endpoint([
        { calls: [{ name: 'run_command', arguments: { command: 'echo $$ > pid; sleep 600' } }] },
      ]);
      const asked = await throughline(['run', 'wait', '--session', 's'], { cwd, env });
      const [, call = ''] = /sessions decide s '([^']+)' --approve/.exec(asked.stderr) ?? [];
      const child = start(['sessions', 'decide', 's', call, '--approve'], { cwd, env });
      const end = ended(child);
      const pid = () => readFile(join(cwd, 'pid'), 'utf8').catch(() => '');
      await expect.poll(pid, { timeout: 30_000 }).not.toBe('');
      child.kill('SIGHUP');
      expect((await end).code).toBe(129);
      const shell = Number(await pid());
      onTestFinished(() => {
        try {
          process.kill(shell, 'SIGKILL');
        } catch {
          // it has ended, as it should
        }
      });
      const state = () => readFile(`/proc/${shell}/stat`, 'utf8').catch(() => 'gone');
      await expect.poll(state, { timeout: 10_000 }).toMatch(/^gone$|\) [ZX] /);
    },
  );

  it.skipIf(process.platform === 'win32')(
    'colours what it tells on a terminal, and writes no colour with NO_COLOR',
    async () => {
      const cwd = await newFolder();
      // eslint-disable-next-line no-control-regex -- this is what colour is made of
      const colour = /\u001b\[\d+m/;
      for (const [env, isColoured] of [
        [{}, true],
        [{ NO_COLOR: '1' }, false],
      ] as const) {
        const person = new Person(['run', 'what files are here?'], { cwd, env });
        await person.sees('list_files** said:');
        expect(await person.leaves()).toBe(0);
        expect(person.written).toContain('→ list_files');
        expect(colour.test(person.written)).toBe(isColoured);
      }
    },
  );

  it.skipIf(process.platform === 'win32')('ends quietly where its reader goes away', async () => {
    const cwd = await newFolder();
    const { env } = await endpoint(() => ({ text: 'word '.repeat(2000), pieceDelayMs: 2 }));
    const child = start(['run', '--json', 'talk'], { cwd, env });
    child.stdout.once('data', () => child.stdout.destroy());
    const errors: string[] = [];
    child.stderr.on('data', (data: Buffer) => errors.push(data.toString()));
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect({ code, stderr: errors.join('') }).toEqual({ code: 141, stderr: '' });
  });

  it('says in words that a file stands where its sessions should be', async () => {
    const cwd = await newFolder();
    await writeFile(join(cwd, 'file'), '');
    for (const [folder, words] of [
      ['file', 'a file stands there (EEXIST)'],
      ['file/sessions', 'a part of the path is no folder (ENOTDIR)'],
    ] as const) {
      const { code, stderr } = await throughline(['run', 'hello', '--folder', folder], { cwd });
      expect([folder, code]).toEqual([folder, 1]);
      expect(stderr).toContain(words);
    }
  });

  it.skipIf(!existsSync('/dev/full'))(
    'fails, and says why, where the disk that takes the answer is full',
    async () => {
      const cwd = await newFolder();
      for (const args of [['run', 'hello'], ['run', 'hello', '--json'], ['sessions']]) {
        const { code, stderr } = await intoFullDisk(args, cwd);
        expect([args, code]).toEqual([args, 1]);
        expect(stderr).toMatch(/^The output cannot be written: ENOSPC.*$/m);
      }
      const { stdout } = await throughline(['sessions'], { cwd });
      expect(stdout.trim().split('\n')).toHaveLength(2);
    },
  );
});

/** Runs the command with its stdout in a file on a disk that is full. */
async function intoFullDisk(args: readonly string[], cwd: string) {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [...asBuilt, ...args], {
    cwd,
    env: environment(cwd),
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  let stderr = '';
  child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
  const [code] = await once(child, 'close');
  return { code: code as number, stderr };
}
