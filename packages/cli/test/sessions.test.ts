import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newFolder, start, throughline } from './support/throughline.ts';

describe('throughline sessions', () => {
  it('lists what run has stored, the newest first, and keeps the folder out of git', async () => {
    const cwd = await newFolder();
    const none = await throughline(['sessions'], { cwd });
    expect(none).toMatchObject({ code: 0, stdout: '' });
    expect(none.stderr).toContain('There are no sessions');
    await throughline(['run', 'hello', '--session', 'first'], { cwd });
    await throughline(['run', 'hello', '--session', 'second'], { cwd });
    const { stdout } = await throughline(['sessions', 'list'], { cwd });
    expect(stdout.match(/first|second/g)).toEqual(['second', 'first']);
    const json = await throughline(['sessions', '--json'], { cwd });
    const ids = json.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(['second', 'first']);
    expect(await readFile(join(cwd, '.throughline', '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('shows, exports and forks a conversation', async () => {
    const cwd = await newFolder();
    await throughline(['run', 'what files are here?', '--session', 'talk'], { cwd });
    const shown = await throughline(['sessions', 'show', 'talk'], { cwd });
    expect(shown.stdout).toContain('## You\n\nwhat files are here?');
    expect(shown.stdout).toContain('→ `list_files`');
    expect(shown.stdout).toContain('> By rule: ');
    expect(shown.stderr).toContain('ready: 4 messages');
    const lines = await throughline(['sessions', 'export', 'talk', '--json'], { cwd });
    const seqs = lines.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
    expect(seqs).toEqual(seqs.map((_, at) => at + 1));
    const fork = await throughline(['sessions', 'fork', 'talk', 'again', '--at', '2'], { cwd });
    expect(fork).toMatchObject({ code: 0, stdout: 'again\n' });
    const again = await throughline(['sessions', 'export', 'again'], { cwd });
    expect(again.stdout).toContain('what files are here?');
    expect(again.stdout).not.toContain('list_files');
  });

  it('makes no session of a name that is mistyped', async () => {
    const cwd = await newFolder();
    for (const action of ['show', 'export', 'resume', 'fork']) {
      const { code, stderr } = await throughline(['sessions', action, 'tlak'], { cwd });
      expect({ action, code }).toEqual({ action, code: 2 });
      expect(stderr).toContain('There is no session "tlak"');
    }
    expect((await throughline(['sessions'], { cwd })).stdout).toBe('');
    const wrong = await throughline(['sessions', 'remove', 'x'], { cwd });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('There is no "sessions remove"');
  });

  it('refuses a call with words, which the model reads', async () => {
    const cwd = await newFolder();
    const { stderr } = await throughline(['run', 'run rm -rf build', '--session', 's'], { cwd });
    const call = /decide s '([^']+)'/.exec(stderr)?.[1] ?? '';
    const none = await throughline(['sessions', 'decide', 's', call], { cwd });
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('Give one of --approve');
    const refused = await throughline(['sessions', 'decide', 's', call, '--refuse', 'not today'], {
      cwd,
    });
    expect(refused.code).toBe(0);
    expect(refused.stdout).toContain('not today');
  });

  it('answers a question of the model', async () => {
    const cwd = await newFolder();
    const asked = await throughline(['run', 'ask me whether it rains', '--session', 's'], { cwd });
    expect(asked.code).toBe(3);
    expect(asked.stderr).toContain('whether it rains (Yes, No)');
    const call = /decide s '([^']+)' --answer Yes/.exec(asked.stderr)?.[1] ?? '';
    const told = await throughline(['sessions', 'decide', 's', call, '--answer', 'No'], { cwd });
    expect(told.code).toBe(0);
    expect(told.stdout).toContain('"chosen":["No"]');
  });

  it('resumes a suspended session as suspended: nothing is approved in silence', async () => {
    const cwd = await newFolder();
    await throughline(['run', 'run echo hi', '--session', 's'], { cwd });
    const { code, stderr } = await throughline(['sessions', 'resume', 's'], { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain('run_command {"command":"echo hi"}');
  });

  it.skipIf(process.platform === 'win32')('ends quietly where its reader goes away', async () => {
    const cwd = await newFolder();
    await writeFile(join(cwd, 'long.txt'), 'a line of text\n'.repeat(3000));
    await throughline(['run', 'read long.txt', '--session', 's'], { cwd });
    await throughline(['run', 'read long.txt', '--session', 's'], { cwd });
    await throughline(['run', 'read long.txt', '--session', 's'], { cwd });
    for (const args of [['sessions', 'export', 's', '--json'], ['--help']]) {
      const child = start(args, { cwd });
      child.stdout.destroy();
      const errors: string[] = [];
      child.stderr.on('data', (data: Buffer) => errors.push(data.toString()));
      const code = await new Promise((resolve) => child.on('exit', resolve));
      expect({ code, stderr: errors.join('') }).toEqual({ code: 141, stderr: '' });
    }
    const { code } = await throughline(['sessions', 'show', 's'], { cwd });
    expect(code).toBe(0);
  });
});
