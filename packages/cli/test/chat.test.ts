/* eslint-disable no-control-regex -- what a terminal gets is made of them */

import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSimulator } from '@throughline/simulator';
import type { Script } from '@throughline/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Person } from './support/person.ts';
import type { Seat } from './support/person.ts';
import { newFolder, throughline } from './support/throughline.ts';

const key = 'sk-this-is-the-secret-key';

async function endpoint(script: Script, pieceDelayMs = 0) {
  const simulator = await startSimulator({ script, key, pieceDelayMs });
  onTestFinished(() => simulator.close());
  return { simulator, env: { ANYFAST_BASE_URL: simulator.url, ANYFAST_API_KEY: key } };
}

/** A person in a chat that is ready. */
async function chatting(args: readonly string[] = [], seat: Partial<Seat> = {}) {
  const cwd = seat.cwd ?? (await newFolder());
  const person = new Person(['chat', ...args], { ...seat, cwd });
  await person.sees('Ask, or /help');
  return { person, cwd };
}

const isPosix = process.platform !== 'win32';

describe.skipIf(!isPosix)('throughline chat', () => {
  it('answers a person without a key, says that the model is scripted, and shows calls and results', async () => {
    const cwd = await newFolder();
    await writeFile(join(cwd, 'notes.txt'), 'remember the milk\n');
    const { person } = await chatting([], { cwd });
    await person.sees('The model is SCRIPTED');
    person.say('read notes.txt');
    await person.sees('● read_file {"path":"notes.txt"}');
    await person.sees('│ remember the milk');
    await person.sees('✻ Thought (');
    await person.sees('(This model is scripted.)');
    person.type('\u0004');
    expect(await person.leaves()).toBe(0);
  });

  it('draws Markdown as it streams, and never touches what has gone into the scrollback', async () => {
    const items = [...Array(60).keys()].map((at) => `- item number ${at}`).join('\n');
    const text = `# Title\n\nSome **bold** words and \`code\`.\n\n${items}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nThe end.`;
    const { env } = await endpoint([{ text }], 1);
    const { person } = await chatting([], { env, rows: 12 });
    person.say('go');
    await person.sees('The end.');
    await person.sees(/Ask, or/);
    const { all } = person;
    for (const at of [0, 30, 59]) {
      expect(all.split(`• item number ${at}\n`)).toHaveLength(2);
    }
    expect(all.match(/Title/g)).toHaveLength(1);
    expect(all).toContain('1 │ 2');
    expect(person.cellOf('bold')?.isBold()).toBeTruthy();
    expect(person.written).not.toMatch(/\u001b\[[23]J|\u001b\[H|\u001b\[\?1049h/);
  });

  it('asks about a call: once, always for this command, or no with words that the model reads', async () => {
    const { person } = await chatting();
    person.say('run echo one');
    await person.sees('May this run?');
    await person.sees('$ echo one');
    person.say('yes please');
    await person.sees('Type y, a or n, then Enter.');
    person.say('y');
    await person.sees(/run_command said:[^]*one/);
    person.say('run echo two');
    await person.sees('$ echo two');
    person.say('a');
    await person.sees(/run_command said:[^]*run_command said:/);
    person.say('run echo two');
    await person.sees(/(?:run_command said:[^]*){3}/);
    expect(person.all.match(/May this run/g)).toHaveLength(2);
    person.say('run echo three');
    await person.sees('$ echo three');
    person.say('n not on Fridays');
    await person.sees('refused');
    await person.sees('not on Fridays');
  });

  it('takes keys that were typed ahead for no answer', async () => {
    const { simulator, env } = await endpoint(
      [
        { text: 'A moment.', calls: [{ name: 'run_command', arguments: { command: 'echo no' } }] },
        { text: 'Done.' },
      ],
      20,
    );
    const { person } = await chatting([], { env });
    person.say('go');
    person.type('yyy');
    await person.sees('May this run?');
    person.type('y');
    person.say('es of course');
    await person.sees('Type y, a or n');
    expect(simulator.requests).toHaveLength(1);
    person.type('\u001b');
    await person.sees('Stopped.');
    await person.sees('› yyy');
  });

  it('stops the run at Esc, and /resume goes on with it', async () => {
    const { env } = await endpoint(() => ({ text: `${'slowly '.repeat(60)}done.` }), 20);
    const { person } = await chatting([], { env });
    person.say('talk');
    await person.sees('slowly slowly');
    person.type('\u001b');
    await person.sees('Stopped.');
    person.say('/resume');
    await person.sees('slowly done.');
  });

  it('steers with Enter while a run is under way, and queues with Tab for after the answer', async () => {
    let letGo: () => void = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const { simulator, env } = await endpoint(async ({ messages }) => {
      const said = String(messages.at(-1)?.content);
      if (said !== 'go') return { text: `Heard: ${said}` };
      await held;
      return { calls: [{ name: 'list_files', arguments: {} }] };
    });
    const { person } = await chatting([], { env });
    person.say('go');
    await person.sees('Tell the model more');
    // What is said before the model is asked is a part of the first question.
    await expect.poll(() => simulator.requests.length).toBe(1);
    person.say('only text files');
    await person.sees('(waits) only text files');
    person.type('and then sum up\t');
    await person.sees('(waits) and then sum up');
    letGo();
    await person.sees(/› only text files\s+Heard: only text files/);
    await person.sees(/› and then sum up\s+Heard: and then sum up/);
    await person.seesNoMore('(waits)');
    await expect.poll(() => simulator.requests.length).toBe(3);
  });

  it('takes several lines and a paste as one text, and edits as a line editor does', async () => {
    const { simulator, env } = await endpoint(() => ({ text: 'Read.' }));
    const { person } = await chatting([], { env });
    person.type(
      'first\u000asecond wrong\u0017right\u001b[200~\r\npasted one\r\npasted two\u001b[201~',
    );
    await person.sees('pasted two');
    person.type('\u001b[A\u001b[A\u001b[A\u0001>> \r');
    await person.sees('Read.');
    const said = simulator.requests.at(-1)?.body?.messages.at(-1)?.content;
    expect(said).toBe('>> first\nsecond right\npasted one\npasted two');
    person.type(`\u001b[200~${'line\n'.repeat(40)}\u001b[201~`);
    await person.sees('[paste 1: 41 lines]');
    person.type('\r');
    await expect.poll(() => simulator.requests.length).toBe(2);
    expect(String(simulator.requests.at(-1)?.body?.messages.at(-1)?.content)).toContain(
      'line\nline\n',
    );
  });

  it('remembers what was typed in a file for its owner alone', async () => {
    const { person, cwd } = await chatting();
    person.say('hello there');
    await person.sees('I am a scripted model');
    person.say('/exit');
    expect(await person.leaves()).toBe(0);
    const file = join(cwd, '.local', 'state', 'throughline', 'history.jsonl');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { person: again } = await chatting([], { cwd });
    again.type('\u001b[A\u001b[A');
    await again.sees('› hello there');
  });

  it('has commands for sessions, tools, cost and export', async () => {
    const { person, cwd } = await chatting(['--session', 'one']);
    person.say('hello there');
    await person.sees('to ask a real one');
    person.say('/tools');
    await person.sees('run_command (destructive)');
    person.say('/cost');
    await person.sees('This chat:');
    person.say('/model');
    await person.sees('kimi-k2.6, SCRIPTED');
    person.say('/fork two');
    await person.sees('Session two');
    person.say('/export');
    await person.sees('two.md');
    expect(await readFile(join(cwd, 'two.md'), 'utf8')).toContain('hello there');
    person.say('/export');
    await person.sees('EEXIST');
    person.say('/new');
    await person.sees(/Session 20/);
    person.say('/resume one');
    await person.sees('Session one');
    person.say('/sessions');
    await person.sees(/one {2}.*\(this one\)/);
    person.say('/retry');
    await person.sees(/(?:› hello there[^]*){2}/);
    person.say('/nothing');
    await person.sees('There is no /nothing');
    person.say('/exit');
    expect(await person.leaves()).toBe(0);
  });

  it('sums up what was said before with /compact, and the next request is shorter', async () => {
    const { simulator, env } = await endpoint(({ messages, tools }) => {
      return tools === undefined
        ? { text: 'SUMMARY of it all' }
        : { text: `Answer ${messages.filter(({ role }) => role === 'user').length}` };
    });
    const { person } = await chatting([], { env });
    for (const at of [1, 2, 3]) {
      person.say(`question ${at}`);
      await person.sees(`Answer ${at}`);
    }
    person.say('/compact');
    await person.sees('Done:');
    person.say('question 4');
    await expect
      .poll(() => JSON.stringify(simulator.requests.at(-1)?.body))
      .toContain('question 4');
    const last = JSON.stringify(simulator.requests.at(-1)?.body?.messages);
    expect(last).not.toContain('question 1');
  });

  it('takes two lines that were typed during /compact, and the run that answers them can be stopped', async () => {
    let summing = () => {};
    const summed = new Promise<void>((resolve) => (summing = resolve));
    const { env } = await endpoint(async ({ tools, messages }) => {
      if (tools === undefined) await summed;
      const asked = messages.filter(({ role }) => role === 'user').length;
      if (JSON.stringify(messages).includes('typed')) return { text: 'word '.repeat(5_000) };
      return { text: tools === undefined ? 'SUMMARY' : `Answer ${asked}` };
    }, 2);
    const { person } = await chatting([], { env });
    for (const at of [1, 2, 3]) {
      person.say(`question ${at}`);
      await person.sees(`Answer ${at}`);
    }
    person.say('/compact');
    await person.sees('Esc stops');
    person.say('typed first');
    person.say('typed second');
    await person.seesNoMore('typed second'); // it waits
    summing();
    await person.sees('› typed second');
    await person.sees('word word');
    person.type('\u001b');
    await person.sees('Stopped. /resume goes on with it.');
    expect(person.all).not.toContain('is under way');
  });

  it('asks again about what waits in a session that it continues', async () => {
    const cwd = await newFolder();
    await throughline(['run', 'run echo later'], { cwd });
    const person = new Person(['chat', '--continue'], { cwd });
    await person.sees('May this run?');
    await person.sees('$ echo later');
    person.say('y');
    await person.sees(/run_command said:[^]*later/);
  });

  it('puts the questions of the model to the person', async () => {
    const { person } = await chatting();
    person.say('ask me whether it rains');
    await person.sees('2) No');
    person.say('7');
    await person.sees('There is no such number.');
    person.say('2');
    await person.sees('"chosen":["No"]');
  });

  it('shows a plan as a list', async () => {
    const { person } = await chatting();
    person.say('plan: look, mend, test');
    await person.sees('▸ look');
    await person.sees('☐ test');
  });

  it('colours a diff, in the result of a call as in an answer', async () => {
    const cwd = await newFolder();
    const diff = '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old words\n+new words\n';
    await writeFile(join(cwd, 'x.diff'), diff);
    const { person } = await chatting([], { cwd });
    person.say('read x.diff');
    await person.sees('(This model is scripted.)');
    expect(person.cellOf('-old words')?.getFgColor()).toBe(1);
    expect(person.cellOf('+new words')?.getFgColor()).toBe(2);
  });

  it('asks about a change of a file, shown as a diff, and makes it only then', async () => {
    const cwd = await newFolder();
    await writeFile(join(cwd, 'x.txt'), 'old words\n');
    const edits = [{ old_string: 'old words', new_string: 'new words' }];
    const { env } = await endpoint([
      { calls: [{ name: 'read_file', arguments: { path: 'x.txt' } }] },
      { calls: [{ name: 'edit_file', arguments: { path: 'x.txt', edits } }] },
      { text: 'Changed.' },
    ]);
    const { person } = await chatting([], { cwd, env });
    person.say('change it');
    await person.sees('May this run?');
    await person.sees('+new words');
    expect(person.cellOf('-old words')?.getFgColor()).toBe(1);
    expect(await readFile(join(cwd, 'x.txt'), 'utf8')).toBe('old words\n');
    person.say('y');
    await person.sees('Changed.');
    expect(await readFile(join(cwd, 'x.txt'), 'utf8')).toBe('new words\n');
  });

  it('lets no control character of the model reach the terminal, nor the key', async () => {
    const attack = `\u001b]0;owned\u0007\u001b[31mred\u009b2J ${key} \u202egnp`;
    const { env } = await endpoint(() => ({ reasoning: attack, text: attack }), 3);
    const { person } = await chatting([], { env });
    person.say('attack');
    await person.sees('␛]0;owned␇␛[31mred');
    await person.sees('[the key]');
    person.type('\u0014');
    await person.sees('Thoughts:');
    expect(person.written).not.toContain('\u001b]0;owned');
    expect(person.written).not.toContain('\u009b');
    expect(person.written).not.toContain('\u202e');
    expect(person.written).not.toContain(key);
    expect(person.written).not.toContain(key.slice(0, 12));
  });

  it('lets no control character of a session’s name reach the terminal', async () => {
    const { person } = await chatting(['--session', 'a\u001b]0;owned\u0007b']);
    await person.sees('a␛]0;owned␇b');
    expect(person.written).not.toContain('\u001b]0;owned');
  });

  it('shows the arguments of a call without the key', async () => {
    const { env } = await endpoint([
      { calls: [{ name: 'read_file', arguments: { path: `no-${key}.txt` } }] },
      { text: 'There is none.' },
    ]);
    const { person } = await chatting([], { env });
    person.say('read it');
    await person.sees('no-[the key].txt');
    await person.sees('There is none.');
    expect(person.written).not.toContain(key.slice(0, 12));
  });

  it('writes no colour with NO_COLOR', async () => {
    const { person } = await chatting([], { env: { NO_COLOR: '1' } });
    person.say('hello');
    await person.sees('to ask a real one');
    expect(person.written).not.toMatch(/\u001b\[\d+(?:;\d+)*m/);
  });

  it('fits a narrow screen, and one that changes its size', async () => {
    const { env } = await endpoint(() => ({
      text: 'A paragraph of many words that must break.\n\n| head one | head two |\n|---|---|\n| a cell of words | another |\n\nEnd of it.',
    }));
    const { person } = await chatting([], { env, columns: 24, rows: 10 });
    person.say('go');
    await person.sees('End of it.');
    await person.sees('head one: a cell of');
    person.type('some words that go over more than one line of it');
    await person.sees('more than one line');
    person.resize(60, 10);
    person.type('!');
    await person.sees('some words that go over more than one line of it!');
    expect(person.screen.match(/some words/g)).toHaveLength(1);
  });

  it('asks about a call on a screen of twelve columns, with nothing of it left out', async () => {
    const cwd = await newFolder();
    const person = new Person(['chat'], { cwd, columns: 12, rows: 8 });
    await person.sees(/Ask, or/);
    person.say('run touch made-on-a-narrow-screen');
    await person.sees(/May this\s+run\?/);
    const written = () => person.all.replaceAll(/\s+/g, '');
    expect(written()).toContain('$touchmade-on-a-narrow-screen');
    person.say('y');
    await person.sees(/scripted\.\)/);
    expect(await readFile(join(cwd, 'made-on-a-narrow-screen'), 'utf8')).toBe('');
    for (const row of person.all.split('\n')) expect(row.length).toBeLessThanOrEqual(12);
  });

  it('leaves the terminal as it was when a signal ends it', async () => {
    const { person } = await chatting();
    person.signal('SIGTERM');
    expect(await person.leaves()).toBe(143);
    expect(person.written).toContain('\u001b[?2004l');
  });

  it('empties the input at Ctrl+C, and leaves at the second one', async () => {
    const { person } = await chatting();
    person.type('half a thought');
    await person.sees('half a thought');
    person.type('\u0003');
    await person.seesNoMore('half a thought');
    person.type('\u0003');
    await person.sees('Ctrl+C again leaves.');
    person.type('\u0003');
    expect(await person.leaves()).toBe(0);
  });
});

describe('throughline chat without a terminal', () => {
  it('says to use run', async () => {
    const { code, stderr } = await throughline(['chat']);
    expect(code).toBe(2);
    expect(stderr).toContain('Use throughline run');
  });
});
