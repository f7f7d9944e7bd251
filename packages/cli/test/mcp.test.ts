import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from '../../../.ci/programs.ts';
import { Person } from './support/person.ts';
import { newFolder, throughline } from './support/throughline.ts';

const program = fileURLToPath(new URL('../.tested/mcp-server.mjs', import.meta.url));
beforeAll(() =>
  buildPrograms(dirname(program), {
    'mcp-server': fileURLToPath(new URL('support/mcp-server.ts', import.meta.url)),
  }),
);

/** A folder with a `.mcp.json` of servers, or of other text; and what the servers have written down. */
async function folderWith(servers: (log: string) => object | string) {
  const cwd = await newFolder();
  const log = join(cwd, 'log');
  const told = servers(log);
  const text = typeof told === 'string' ? told : JSON.stringify({ mcpServers: told });
  await writeFile(join(cwd, '.mcp.json'), text);
  return { cwd, log: () => readFile(log, 'utf8').catch(() => 'nothing was started') };
}

const loud = (log: string) => ({
  command: process.execPath,
  args: [program, log],
});
const dead = { command: process.execPath, args: ['-e', 'process.exit(7)'] };

/** Whether a process lives. A zombie does not. */
async function isAlive(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}

describe('the servers of .mcp.json', () => {
  it('are started where they are asked for, asked about, and ended with the run', async () => {
    const { cwd, log } = await folderWith((file) => ({ loud: loud(file) }));
    const call = 'call loud__shout {"words":"hello"}';
    const first = await throughline(['run', '--mcp', '--session', 'one', call], { cwd });
    expect({ code: first.code, stdout: first.stdout }).toEqual({ code: 3, stdout: '' });
    expect(first.stderr).toContain('loud__shout {"words":"hello"}');
    expect(await log()).toBe('started\nended\n');
    const [, command = ''] =
      /throughline (sessions decide one .* --approve --mcp)\n/.exec(first.stderr) ?? [];
    const words = command.split(' ').map((word) => word.replaceAll("'", ''));
    const second = await throughline(words, { cwd });
    expect(second.stdout).toContain('HELLO');
    expect(second.code).toBe(0);
    expect(await log()).toBe('started\nended\nstarted\nended\n');
  }, 240_000);

  it('are not started unasked', async () => {
    const { cwd, log } = await folderWith((file) => ({ loud: loud(file) }));
    const { code } = await throughline(['run', 'hello'], { cwd });
    expect(code).toBe(0);
    expect(await log()).toBe('nothing was started');
  }, 240_000);

  it('are refused as a wrong use where the file is missing or broken, with the file and the fault', async () => {
    const files = [
      ['{ "mcpServers": ', 'is not JSON'],
      ['{}', 'has no object "mcpServers"'],
      ['{ "mcpServers": { "x": { "args": [] } } }', 'a server "x" that has neither a command'],
      ['{ "mcpServers": { "x": { "command": "${SHELL}" } } }', 'needs the variable SHELL'],
    ] as const;
    const tried = files.map(async ([text, fault]) => {
      const { cwd } = await folderWith(() => text);
      const { code, stdout, stderr } = await throughline(['run', '--mcp', 'hello'], { cwd });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(join(cwd, '.mcp.json'));
      expect(stderr).toContain(fault);
      expect(stderr).not.toContain('    at ');
    });
    await Promise.all(tried);
    const cwd = await newFolder();
    const missing = await throughline(['run', '--mcp', 'hello'], { cwd });
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain(`${join(cwd, '.mcp.json')} cannot be read`);
  }, 240_000);

  it('end the command where one of them dies at its start, which is named, and leave none running', async () => {
    const { cwd } = await folderWith((file) => ({ loud: loud(file), dead }));
    const { code, stdout, stderr } = await throughline(['run', '--mcp', 'hello'], { cwd });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('"dead"');
    expect(stderr).not.toContain('    at ');
    // Whether the other one had begun by then or not, it is gone.
    const pid = await readFile(join(cwd, 'log.pid'), 'utf8').catch(() => undefined);
    if (pid !== undefined) await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  }, 240_000);

  it('are refused where two would have one name, and nothing is started', async () => {
    const { cwd, log } = await folderWith((file) => ({
      'io.acme/shop': loud(file),
      'io/acme.shop': loud(file),
    }));
    const { code, stderr } = await throughline(['run', '--mcp', 'hello'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('two servers that would be called "io-acme-shop"');
    expect(await log()).toBe('nothing was started');
  }, 240_000);

  it('may have tools of one name, which the name of the server tells apart', async () => {
    const { cwd } = await folderWith((file) => ({ one: loud(file), two: loud(file) }));
    const { code, stderr } = await throughline(['run', '--mcp', 'call two__shout {"words":"x"}'], {
      cwd,
    });
    expect(stderr).toContain('two__shout {"words":"x"}');
    expect(code).toBe(3);
  }, 240_000);

  it.skipIf(process.platform === 'win32')(
    'serve a chat: their tools are listed, and a person is asked about a call',
    async () => {
      const { cwd, log } = await folderWith((file) => ({ loud: loud(file) }));
      const person = new Person(['chat', '--mcp'], { cwd });
      await person.sees('Ask, or /help');
      person.say('/tools');
      await person.sees('loud__shout');
      person.say('call loud__shout {"words":"good morning"}');
      await person.sees('May this run?');
      person.say('y');
      await person.sees('GOOD MORNING');
      person.say('/exit');
      expect(await person.leaves()).toBe(0);
      expect(await log()).toBe('started\nended\n');
    },
    240_000,
  );
});
