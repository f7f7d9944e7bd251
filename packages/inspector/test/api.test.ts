import {
  appendFile,
  chmod,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { anyfast } from '@throughline/anyfast';
import { inspector } from '@throughline/inspector';
import { fileSessions } from '@throughline/sessions';
import { expect, test } from 'vitest';
import type { RequestAnswer, RowsAnswer, Summary } from '../src/shown.ts';
import { call, world } from './support/world.ts';

const trip = [
  { reasoning: 'I look at the sky.', calls: [call('weather', 'Oslo')] },
  { text: 'It is sunny in Oslo.' },
];

test('the list tells how each session stands, what it used, and what went wrong', async () => {
  const { run, ask, dir } = await world([
    ...trip,
    { calls: [{ name: 'nothing', arguments: {} }, call('wipe', 'Rome')] },
  ]);
  await run('trip', 'Shall I take an umbrella?');
  await run('danger', 'Wipe Rome.');
  await writeFile(join(dir, 'broken.jsonl'), 'garbage\n');
  const list = (await ask('sessions')).json() as Summary[];
  const byId = Object.fromEntries(list.map((one) => [one.id, one]));
  expect(byId['trip']).toMatchObject({
    state: 'ready',
    title: 'Shall I take an umbrella?',
    agent: 'guide',
    steps: 2,
    calls: 1,
    errors: 0,
    usage: { inputTokens: 2400, cachedTokens: 1800, costUsd: 0.0024 },
  });
  expect(byId['danger']).toMatchObject({
    state: 'suspended',
    errors: 1,
    pending: [{ name: 'wipe' }],
  });
  expect(byId['broken']).toMatchObject({
    state: 'unreadable',
    problem: expect.stringContaining('broken'),
  });
});

test('a session that another process has open is read as it grows, and only what is new is read again', async () => {
  const { agent, sessions, ask } = await world([...trip, { text: 'Bye.' }]);
  const session = await sessions.open('trip');
  await agent.run('Shall I?', { session });
  const first = (await ask('rows?id=trip&from=0&count=100')).json() as RowsAnswer;
  expect(first.rows.map(({ kind }) => kind)).toEqual([
    'run',
    'heard',
    'step',
    'reasoning',
    'call',
    'step',
    'text',
    'end',
  ]);
  expect(first.rows[4]).toMatchObject({
    title: 'weather',
    state: 'ok',
    text: '{"city":"Oslo"} → sunny in Oslo',
  });
  await agent.run('Thanks.', { session });
  const more = (await ask('rows?id=trip&from=8&count=100')).json() as RowsAnswer;
  expect(more.rows.map(({ kind, text }) => `${kind} ${text}`)).toContain('text Bye.');
  expect((await ask('session?id=trip')).json()).toMatchObject({ holder: 'this process', runs: 2 });
  await session.close();
});

test('a request is rebuilt byte for byte, and compared with the one before', async () => {
  const { run, ask, model } = await world(trip);
  await run('trip', 'Shall I take an umbrella?');
  const { rows } = (await ask('rows?id=trip&from=0&count=9')).json() as RowsAnswer;
  const at = `id=trip&run=${rows[0]!.runId}&step=2`;
  const raw = await ask(`request?${at}&raw=1`);
  const sent = await anyfast.body('kimi-k2.6', model.requests[1]!);
  expect(raw.text).toBe(new TextDecoder().decode(sent));
  const compared = (await ask(`request?${at}`)).json() as RequestAnswer;
  expect(compared).toMatchObject({
    exact: true,
    bytes: sent.length,
    previous: { step: 1 },
    messages: 4,
  });
  const added = compared.diff.filter((line) => line.startsWith('+')).join('\n');
  expect(added).toContain('I look at the sky.');
  expect(added).not.toContain('umbrella');
  expect((await ask(`request?id=trip&run=${rows[0]!.runId}&step=7`)).status).toBe(409);
});

test('search finds what was said, thought, asked of tools and answered by them', async () => {
  const { run, ask } = await world([...trip, { text: 'Nothing.' }]);
  await run('trip', 'Shall I take an umbrella?');
  await run('other', 'Say nothing.');
  for (const words of ['UMBRELLA', 'the sky', 'sunny in', '"city":"oslo']) {
    const found = (await ask(`sessions?q=${encodeURIComponent(words)}`)).json() as Summary[];
    expect(found.map(({ id, hits }) => [id, hits!.length > 0])).toEqual([['trip', true]]);
  }
  expect((await ask('sessions?q=volcano')).json()).toEqual([]);
});

test('10 MB in a call travel neither with the rows nor, beyond its beginning, with its line', async () => {
  const big = 'x'.repeat(10_000_000);
  const { run, ask } = await world([{ calls: [call('weather', big)] }, { text: 'Big.' }]);
  await run('big', 'Go.');
  const rows = await ask('rows?id=big&from=0&count=100');
  expect(rows.text.length).toBeLessThan(4_000);
  const { seq } = (rows.json() as RowsAnswer).rows.find(({ kind }) => kind === 'call')!;
  const line = await ask(`line?id=big&seq=${seq}`);
  expect(line.text.length).toBeLessThan(250_000);
  expect(line.text).toContain('download the whole');
  expect((await ask(`line?id=big&seq=${seq}&whole=1`)).text.includes(big)).toBe(true);
});

test('without the token, under another name, or for a page of another origin, nothing is told', async () => {
  const { run, ask, origin, did } = await world([{ calls: [call('wipe', 'Rome')] }]);
  await run('danger', 'secret words');
  const port = Number(new URL(origin).port);
  const asked = (headers: Record<string, string>, path = '/api/sessions', method = 'GET') =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode!, text }));
      })
        .on('error', reject)
        .end();
    });
  const token = { 'x-throughline-token': (await ask('abilities')) && '' };
  expect((await asked({})).status).toBe(401);
  expect((await asked(token)).status).toBe(401);
  for (const path of ['/', '/api/sessions']) {
    expect((await asked({ host: `evil.example:${port}` }, path)).status).toBe(403);
    expect((await asked({ origin: 'http://evil.example' }, path)).status).toBe(403);
    expect((await asked({ origin: 'null' }, path)).status).toBe(403);
  }
  for (const act of ['decide', 'resume', 'fork', 'steer', 'abort']) {
    expect((await asked({}, `/api/${act}`, 'POST')).status).toBe(401);
  }
  expect((await ask('decide', {}, { origin: 'http://evil.example' })).status).toBe(403);
  expect((await ask('sessions', undefined, { origin })).status).toBe(200);
  expect(did).toEqual([]);
});

test('looking writes nothing, makes no lock, and follows no link out of the folder', async () => {
  const { run, ask, dir } = await world(trip);
  await run('trip', 'Shall I?');
  await writeFile(join(dir, '..', `${process.pid}-outside.txt`), 'outside\n');
  await symlink(join(dir, '..', `${process.pid}-outside.txt`), join(dir, 'link.jsonl'));
  await appendFile(join(dir, 'trip.jsonl'), '{"seq":');
  const before = await readdir(dir, { recursive: true });
  const { size, mtimeMs } = await stat(join(dir, 'trip.jsonl'));
  const list = (await ask('sessions')).json() as Summary[];
  expect(list.find(({ id }) => id === 'link')?.state).toBe('unreadable');
  await ask('rows?id=trip&from=0&count=100');
  await ask('sessions?q=oslo');
  expect((await ask('line?id=../trip&seq=1')).status).toBe(404);
  expect(await readdir(dir, { recursive: true })).toEqual(before);
  expect(await stat(join(dir, 'trip.jsonl'))).toMatchObject({ size, mtimeMs });
});

test('a file that its owner may not read is told as unreadable, not as empty', async () => {
  const { run, ask, dir } = await world(trip);
  await run('trip', 'Shall I?');
  await chmod(join(dir, 'trip.jsonl'), 0o000);
  const [one] = (await ask('sessions')).json() as Summary[];
  // root reads it all the same
  expect(one?.state).toBe(process.getuid?.() === 0 ? 'ready' : 'unreadable');
});

test('a decision runs the call on with the registered agent; a locked session is only read', async () => {
  const { sessions, run, ask, did } = await world([
    { calls: [call('wipe', 'Rome')] },
    { text: 'Done.' },
  ]);
  await run('danger', 'Wipe Rome.');
  const { pending } = (await ask('session?id=danger')).json() as Summary;
  const decision = { id: 'danger', call: pending[0]!.id, decision: { approve: true } };
  const held = await sessions.open('danger');
  const locked = await ask('decide', decision);
  expect([locked.status, locked.text]).toEqual([409, expect.stringContaining('session_locked')]);
  await held.close();
  const wrong = await ask('decide', { ...decision, decision: { approve: 'yes' } });
  expect([wrong.status, wrong.text]).toEqual([409, expect.stringContaining('invalid_decision')]);
  expect((await ask('decide', { ...decision, call: 'another' })).text).toContain('No call');
  expect(did).toEqual([]);
  expect((await ask('decide', decision)).status).toBe(202);
  await expect
    .poll(async () => ((await ask('session?id=danger')).json() as Summary).state)
    .toBe('ready');
  expect(did).toEqual(['wipe Rome']);
  expect((await ask('decide', decision)).status).toBe(409);
});

test('without an agent the page says that nothing can run on', async () => {
  const { run, ask, did } = await world([{ calls: [call('wipe', 'Rome')] }], { acting: false });
  await run('danger', 'Wipe Rome.');
  const { pending } = (await ask('session?id=danger')).json() as Summary;
  const answer = await ask('decide', {
    id: 'danger',
    call: pending[0]!.id,
    decision: { approve: true },
  });
  expect(answer.text).toContain('No agent is registered');
  expect(did).toEqual([]);
});

test('a fork with another result runs on from there, and the old session stays as it was', async () => {
  const { sessions, run, ask, model, did } = await world([...trip, { text: 'Take an umbrella.' }]);
  await run('trip', 'Shall I take an umbrella?');
  const { rows } = (await ask('rows?id=trip&from=0&count=9')).json() as RowsAnswer;
  const { endSeq } = rows.find(({ kind }) => kind === 'call')!;
  const before = (await ask('rows?id=trip&from=0&count=99')).text;
  const answer = await ask('fork', { id: 'trip', seq: endSeq, newId: 'wet', text: 'rain in Oslo' });
  expect(answer.status).toBe(202);
  await expect
    .poll(async () => ((await ask('session?id=wet')).json() as Summary).state)
    .toBe('ready');
  const [old, now] = [model.requests[1]!, model.requests[2]!];
  const changed = (message: (typeof old.messages)[number]) =>
    message.role === 'tool' ? { ...message, content: 'rain in Oslo' } : message;
  expect(now.messages).toEqual(old.messages.map(changed));
  expect(did).toEqual(['weather Oslo']); // not done again
  expect((await ask('rows?id=trip&from=0&count=99')).text).toBe(before);
  const forked = await sessions.open('wet');
  expect(forked.messages.at(-1)).toMatchObject({ content: 'Take an umbrella.' });
  await forked.close();
  expect((await ask('fork', { id: 'trip', seq: endSeq, newId: 'wet' })).text).toContain(
    'session_exists',
  );
});

test('a fork of a later run keeps the runs before it; an answer is asked for again; a message gets other words', async () => {
  const { run, ask, model } = await world([
    ...trip,
    { text: 'Bye.' },
    { text: 'Again.' },
    { text: 'Hei.' },
  ]);
  await run('trip', 'Shall I?');
  await run('trip', 'Thanks.');
  const { rows } = (await ask('rows?id=trip&from=0&count=99')).json() as RowsAnswer;
  const later = rows.filter(({ runId }) => runId === rows.at(-1)!.runId);
  const step = later.find(({ kind }) => kind === 'step')!;
  await ask('fork', { id: 'trip', seq: step.seq, newId: 'again' });
  await expect.poll(() => model.requests.length).toBe(4);
  expect(model.requests[3]!.messages).toEqual(model.requests[2]!.messages);
  const heard = later.find(({ kind }) => kind === 'heard')!;
  await ask('fork', { id: 'trip', seq: heard.seq, newId: 'norwegian', text: 'Takk.' });
  await expect.poll(() => model.requests.length).toBe(5);
  expect(model.requests[4]!.messages.slice(0, -1)).toEqual(
    model.requests[2]!.messages.slice(0, -1),
  );
  expect(model.requests[4]!.messages.at(-1)).toEqual({ role: 'user', content: 'Takk.' });
  const refused = await ask('fork', {
    id: 'trip',
    seq: step.seq,
    newId: 'no',
    text: 'Other words.',
  });
  expect(refused.text).toContain('What the model said is never changed');
});

test('options that it does not know are refused', () => {
  const options = { sessions: fileSessions({ dir: '/nowhere' }), port: 1 };
  expect(() => inspector(options as never)).toThrow('port');
});

test('a fork of a step in which another call waits asks about that call again, under an id of its own', async () => {
  const { run, ask, did, model } = await world([
    { calls: [call('weather', 'Oslo'), call('wipe', 'Rome')] },
    { text: 'Both are done.' },
  ]);
  await run('two', 'Look, then wipe.');
  const { rows } = (await ask('rows?id=two&from=0&count=99')).json() as RowsAnswer;
  const { endSeq } = rows.find(({ title }) => title === 'weather')!;
  await ask('fork', { id: 'two', seq: endSeq, newId: 'rain', text: 'rain in Oslo' });
  const stateOf = async (id: string) => (await ask(`session?id=${id}`)).json() as Summary;
  await expect.poll(async () => (await stateOf('rain')).state).toBe('suspended');
  const [old, now] = [(await stateOf('two')).pending[0]!, (await stateOf('rain')).pending[0]!];
  expect(now.name).toBe('wipe');
  expect(now.id).not.toBe(old.id);
  expect(
    (await ask('decide', { id: 'rain', call: old.id, decision: { approve: true } })).status,
  ).toBe(409);
  await ask('decide', { id: 'rain', call: now.id, decision: { approve: true } });
  await expect.poll(async () => (await stateOf('rain')).state).toBe('ready');
  expect(did).toEqual(['weather Oslo', 'wipe Rome']);
  expect(JSON.stringify(model.requests.at(-1)!.messages)).toContain('rain in Oslo');
  expect((await stateOf('two')).state).toBe('suspended');
});

test('lines that are no events, and a file that became shorter, are told and read anew', async () => {
  const { run, ask, dir } = await world([...trip, { text: 'New.' }]);
  await run('trip', 'Shall I?');
  await ask('rows?id=trip&from=0&count=99');
  const path = join(dir, 'trip.jsonl');
  await appendFile(
    path,
    '{"seq":99,"v":1,"runId":"r","key":"k","event":{"type":"answer","runId":"r","step":1}}\n',
  );
  const list = (await ask('sessions')).json() as Summary[];
  expect(list).toMatchObject([{ id: 'trip', state: 'unreadable' }]);
  expect((await ask('rows?id=trip&from=0&count=99')).status).toBeGreaterThanOrEqual(409);
  await rm(path);
  await run('trip', 'Anew?');
  expect((await ask('sessions')).json()).toMatchObject([
    { id: 'trip', state: 'ready', title: 'Anew?' },
  ]);
  const { rows } = (await ask('rows?id=trip&from=0&count=99')).json() as RowsAnswer;
  expect(rows.find(({ kind }) => kind === 'text')?.text).toBe('New.');
});

test('a file that was replaced by a longer one is read anew, and not told as broken', async () => {
  const { run, ask, dir } = await world(() => ({ text: 'Hello.' }));
  await run('a', 'Short.');
  for (const words of ['first', 'second', 'third']) await run('b', `The ${words} question.`);
  const pathOf = (id: string) => join(dir, `${id}.jsonl`);
  const short = await readFile(pathOf('a'), 'utf8');
  const long = (await readFile(pathOf('b'), 'utf8')).replace('"id":"b"', '"id":"a"');
  const stateOf = async () => ((await ask('session?id=a')).json() as Summary).state;
  const heard = async () => {
    const { rows } = (await ask('rows?id=a&from=0&count=99')).json() as RowsAnswer;
    return rows.flatMap(({ kind, text }) => (kind === 'heard' ? [text] : []));
  };
  const asked = ['The first question.', 'The second question.', 'The third question.'];
  expect([await stateOf(), await heard()]).toEqual(['ready', ['Short.']]);
  await writeFile(pathOf('a'), long);
  expect([await stateOf(), await heard()]).toEqual(['ready', asked]);
  await writeFile(pathOf('a'), short);
  expect([await stateOf(), await heard()]).toEqual(['ready', ['Short.']]);
  await writeFile(pathOf('a'), long);
  expect([await heard(), await stateOf()]).toEqual([asked, 'ready']);
});
