import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { client, ndJsonStream } from '@agentclientprotocol/sdk';
import type {
  ClientContext,
  RequestPermissionRequest,
  SessionNotification,
  SessionUpdate,
} from '@agentclientprotocol/sdk';
import { startSimulator } from '@throughline/simulator';
import type { Script } from '@throughline/simulator';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { start, throughline } from './support/throughline.ts';

const countingAgent = fileURLToPath(new URL('support/counting-agent.ts', import.meta.url));
const key = 'sk-this-is-the-secret-key';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Desk {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** An editor that talks to the command in a process of its own. */
async function editor(
  answer: (asked: RequestPermissionRequest) => string,
  { args = [], env = {} }: Desk = {},
) {
  const updates: SessionUpdate[] = [];
  const told: SessionNotification[] = [];
  const asked: RequestPermissionRequest[] = [];
  const child = start(['acp', ...args], { env });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const app = client({ name: 'editor' })
    .onNotification('session/update', ({ params }) => {
      updates.push(params.update);
      told.push(params);
    })
    .onRequest('session/request_permission', ({ params }) => {
      asked.push(params);
      return { outcome: { outcome: 'selected' as const, optionId: answer(params) } };
    });
  const connection = app.connect(
    ndJsonStream(
      Writable.toWeb(child.stdin) as WritableStream<Uint8Array>,
      Readable.toWeb(child.stdout) as unknown as ReadableStream<Uint8Array>,
    ),
  );
  const close = async () => {
    const gone = child.exitCode === null ? once(child, 'exit') : undefined;
    child.stdin.end();
    await gone;
    return { code: child.exitCode, stderr };
  };
  closing.push(close);
  const agent = connection.agent;
  await agent.request('initialize', { protocolVersion: 1, clientCapabilities: {} });
  return {
    agent,
    child,
    updates,
    asked,
    close,
    /** What was told of one session. */
    of: (id: string) =>
      told.filter(({ sessionId }) => sessionId === id).map(({ update }) => update),
  };
}

async function folder(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'throughline-acp-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  await writeFile(join(home, 'note.txt'), 'the secret word is lantern\n');
  return home;
}

const textOf = (updates: readonly SessionUpdate[], kind: SessionUpdate['sessionUpdate']) =>
  updates
    .filter(({ sessionUpdate }) => sessionUpdate === kind)
    .map((update) =>
      'content' in update && !Array.isArray(update.content) && update.content?.type === 'text'
        ? update.content.text
        : '',
    )
    .join('');

/** An endpoint with a key, as a person has one. */
async function endpoint(script: Script) {
  const simulator = await startSimulator({ script, key });
  onTestFinished(() => simulator.close());
  return { ANYFAST_BASE_URL: simulator.url, ANYFAST_API_KEY: key };
}

/** Counts with the tool, then tells what it said. */
const counts: Script = ({ messages }) => {
  const last = messages.at(-1);
  return last?.role === 'tool'
    ? { text: String(last.content) }
    : { calls: [{ name: 'count', arguments: {} }] };
};

async function ask(agent: ClientContext, sessionId: string, text: string) {
  return agent.request('session/prompt', { sessionId, prompt: [{ type: 'text', text }] });
}

describe('throughline acp', () => {
  it('answers in an editor: thoughts, calls with their results, text, and says that the model is scripted', async () => {
    const cwd = await folder();
    const { agent, updates } = await editor(() => 'no');
    const { sessionId } = await agent.request('session/new', { cwd, mcpServers: [] });
    const { stopReason } = await ask(agent, sessionId, 'read note.txt');
    expect(stopReason).toBe('end_turn');
    expect(textOf(updates, 'agent_message_chunk')).toMatch(/SCRIPTED[^]*lantern/);
    expect(textOf(updates, 'agent_thought_chunk')).toContain('By rule');
    const call = updates.find(({ sessionUpdate }) => sessionUpdate === 'tool_call');
    expect(call).toMatchObject({
      title: 'read_file: note.txt',
      kind: 'read',
      status: 'in_progress',
    });
    const end = updates.findLast(({ sessionUpdate }) => sessionUpdate === 'tool_call_update');
    expect(end).toMatchObject({ status: 'completed' });
    expect(JSON.stringify(end)).toContain('lantern');
  }, 180_000);

  it('asks for permission, runs what is allowed, and tells of what is refused', async () => {
    const cwd = await folder();
    const answers = ['once', 'no'];
    const { agent, updates, asked } = await editor(() => answers.shift() ?? 'no');
    const { sessionId } = await agent.request('session/new', { cwd, mcpServers: [] });
    await ask(agent, sessionId, 'run the command touch made-by-command');
    await expect(readFile(join(cwd, 'made-by-command'), 'utf8')).resolves.toBe('');
    expect(asked[0]?.toolCall).toMatchObject({
      kind: 'execute',
      rawInput: { command: 'touch made-by-command' },
    });
    expect(asked[0]?.options.map(({ kind }) => kind)).toEqual([
      'allow_once',
      'allow_always',
      'reject_once',
    ]);
    await ask(agent, sessionId, 'run the command touch never-made');
    await expect(readFile(join(cwd, 'never-made'))).rejects.toThrow();
    const last = updates.findLast(({ sessionUpdate }) => sessionUpdate === 'tool_call_update');
    expect(last).toMatchObject({ status: 'failed' });
    expect(JSON.stringify(last)).toContain('The person refused this call.');
  }, 180_000);

  it('stops a run that the editor cancels', async () => {
    const cwd = await folder();
    const first = await editor(() => 'once');
    const { sessionId } = await first.agent.request('session/new', { cwd, mcpServers: [] });
    const asking = ask(first.agent, sessionId, 'run the command sleep 600');
    for (let times = 0; times < 500 && first.asked.length === 0; times++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await first.agent.notify('session/cancel', { sessionId });
    expect(await asking).toEqual({ stopReason: 'cancelled' });
  }, 180_000);

  it('refuses a second question while one is answered, which the editor can still cancel', async () => {
    const cwd = await folder();
    const { agent, asked } = await editor(() => 'once');
    const { sessionId } = await agent.request('session/new', { cwd, mcpServers: [] });
    const asking = ask(agent, sessionId, 'run the command sleep 600');
    await expect.poll(() => asked.length, { timeout: 40_000 }).toBe(1);
    await expect(ask(agent, sessionId, 'hello')).rejects.toThrow(/is under way/);
    await agent.notify('session/cancel', { sessionId });
    expect(await asking).toEqual({ stopReason: 'cancelled' });
    expect(await ask(agent, sessionId, 'hello')).toEqual({ stopReason: 'end_turn' });
  }, 180_000);

  it('runs nothing on an answer that it did not offer', async () => {
    const cwd = await folder();
    const { agent, updates } = await editor(() => 'ok');
    const { sessionId } = await agent.request('session/new', { cwd, mcpServers: [] });
    await ask(agent, sessionId, 'run the command touch never-made');
    await expect(readFile(join(cwd, 'never-made'))).rejects.toThrow();
    const last = updates.findLast(({ sessionUpdate }) => sessionUpdate === 'tool_call_update');
    expect(JSON.stringify(last)).toContain('The editor answered \\"ok\\", which was not offered.');
  }, 180_000);

  it('ends what an agent has started where the editor ends the process with a signal', async () => {
    const cwd = await folder();
    const { agent, child } = await editor(() => 'once');
    const { sessionId } = await agent.request('session/new', { cwd, mcpServers: [] });
    const asking = ask(agent, sessionId, 'run the command echo $$ > pid; sleep 600').catch(
      () => 'the connection has ended',
    );
    const pid = () => readFile(join(cwd, 'pid'), 'utf8').catch(() => '');
    await expect.poll(pid, { timeout: 40_000 }).not.toBe('');
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await gone)[0]).toBe(143);
    await asking;
    const state = await readFile(`/proc/${(await pid()).trim()}/stat`, 'utf8').catch(() => 'gone');
    expect(state).toMatch(/^gone$|\) [ZX] /);
  }, 180_000);

  it('opens a conversation again in another process, with all that was said', async () => {
    const cwd = await folder();
    const first = await editor(() => 'no');
    const { sessionId } = await first.agent.request('session/new', { cwd, mcpServers: [] });
    await ask(first.agent, sessionId, 'read note.txt');
    for (const close of closing.splice(0)) await close();
    const second = await editor(() => 'no');
    await second.agent.request('session/load', { sessionId, cwd, mcpServers: [] });
    expect(textOf(second.updates, 'user_message_chunk')).toBe('read note.txt');
    expect(textOf(second.updates, 'agent_message_chunk')).toContain('lantern');
    expect((await ask(second.agent, sessionId, 'hello')).stopReason).toBe('end_turn');
    await expect(
      second.agent.request('session/load', { sessionId: 'no-such', cwd, mcpServers: [] }),
    ).rejects.toThrow(/not found/i);
  }, 180_000);

  it('says in every session that the model is scripted, and each goes on when another is opened again', async () => {
    const [here, there] = [await folder(), await folder()];
    await writeFile(join(there, 'note.txt'), 'the other word is harbour\n');
    const { agent, of, close } = await editor(() => 'no');
    const one = await agent.request('session/new', { cwd: here, mcpServers: [] });
    const two = await agent.request('session/new', { cwd: there, mcpServers: [] });
    for (const { sessionId } of [one, two]) {
      expect(textOf(of(sessionId), 'agent_message_chunk')).toContain('SCRIPTED');
    }
    await agent.request('session/load', { ...one, cwd: here, mcpServers: [] }); // closes what was open
    await ask(agent, two.sessionId, 'read note.txt');
    expect(textOf(of(two.sessionId), 'agent_message_chunk')).toContain('harbour');
    await ask(agent, one.sessionId, 'read note.txt');
    expect(textOf(of(one.sessionId), 'agent_message_chunk')).toContain('lantern');
    expect(await close()).toEqual({ code: 0, stderr: '' });
  }, 180_000);

  it('shares the agent of a file between sessions, and disposes of it once, at the end', async () => {
    const cwd = await folder();
    const env = { ...(await endpoint(counts)), COUNTING_LOG: join(cwd, 'log') };
    const { agent, of, close } = await editor(() => 'no', { args: [countingAgent], env });
    const one = await agent.request('session/new', { cwd, mcpServers: [] });
    const two = await agent.request('session/new', { cwd: await folder(), mcpServers: [] });
    await ask(agent, one.sessionId, 'count');
    await agent.request('session/load', { ...one, cwd, mcpServers: [] });
    await ask(agent, two.sessionId, 'count');
    expect(textOf(of(two.sessionId), 'agent_message_chunk')).toBe('still here');
    expect((await close()).code).toBe(0);
    expect(await readFile(join(cwd, 'log'), 'utf8')).toBe('loaded\ndisposed\n');
  }, 180_000);

  it('disposes of the agent where no session could be opened', async () => {
    const cwd = await folder();
    const env = { ...(await endpoint(counts)), COUNTING_LOG: join(cwd, 'log') };
    const args = [countingAgent, '--folder', 'note.txt']; // a file, where a folder should be
    const { agent, close } = await editor(() => 'no', { args, env });
    await expect(agent.request('session/new', { cwd, mcpServers: [] })).rejects.toThrow();
    expect((await close()).code).toBe(0);
    expect(await readFile(join(cwd, 'log'), 'utf8')).toBe('loaded\ndisposed\n');
  }, 180_000);

  it('tells why an agent cannot be loaded, and loads it once it is mended', async () => {
    const cwd = await folder();
    const env = { ...(await endpoint(counts)), COUNTING_LOG: join(cwd, 'log') };
    const { agent, of } = await editor(() => 'no', { args: ['agent.mts'], env });
    await expect(agent.request('session/new', { cwd, mcpServers: [] })).rejects.toThrow(
      /There is no agent file .*agent\.mts/,
    );
    await writeFile(
      join(cwd, 'agent.mts'),
      `export { agent } from ${JSON.stringify(pathToFileURL(countingAgent).href)};\n`,
    );
    const { sessionId } = await agent.request('session/new', { cwd, mcpServers: [] });
    await ask(agent, sessionId, 'count');
    expect(textOf(of(sessionId), 'agent_message_chunk')).toBe('still here');
  }, 180_000);

  it('tells in words why the endpoint refuses', async () => {
    const cwd = await folder();
    const env = { ...(await endpoint(counts)), ANYFAST_API_KEY: 'sk-another-secret-key' };
    const { agent } = await editor(() => 'no', { env });
    const { sessionId } = await agent.request('session/new', { cwd, mcpServers: [] });
    await expect(ask(agent, sessionId, 'hello')).rejects.toThrow(/Check ANYFAST_API_KEY/);
  }, 180_000);

  it('takes one agent file, and says so as a wrong use', async () => {
    const { code, stderr } = await throughline(['acp', 'one.ts', 'two.ts']);
    expect(code).toBe(2);
    expect(stderr).toContain('There may be one agent file, not 2.');
    const both = await throughline(['acp', 'one.ts', '--mcp']);
    expect(both.code).toBe(2);
    expect(both.stderr).toContain('--mcp adds servers to the default agent');
  }, 180_000);

  it('prints the command that answers a question of the model, with all that it needs', async () => {
    const cwd = await folder();
    const args = ['--folder', 'my sessions', '--mcp'];
    await writeFile(join(cwd, '.mcp.json'), '{ "mcpServers": {} }\n');
    const { agent, updates, asked } = await editor(() => 'once', { args });
    const { sessionId } = await agent.request('session/new', { cwd, mcpServers: [] });
    await ask(agent, sessionId, 'ask me whether it rains');
    expect(asked).toEqual([]);
    const told = textOf(updates, 'agent_message_chunk');
    const [, line = ''] = /^ +throughline (sessions decide .* --answer .*)$/m.exec(told) ?? [];
    const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, a, b]) => a ?? b ?? '');
    expect(words.slice(-3)).toEqual(['--mcp', '--folder', 'my sessions']);
    for (const close of closing.splice(0)) await close();
    const decided = await throughline(words, { cwd });
    expect(decided.stdout).toContain('"chosen":["Yes"]');
    expect(decided.code).toBe(0);
  }, 180_000);

  it('strikes the key out of thoughts, text, calls, questions and what was said before', async () => {
    const cwd = await folder();
    await writeFile(join(cwd, 'note.txt'), `the key is ${key}\n`);
    const long = `${'x'.repeat(110)} ${key}`;
    const script: Script = ({ messages }) =>
      messages.at(-1)?.role === 'tool'
        ? { reasoning: `I know ${key}.`, text: `It is ${key}.` }
        : {
            calls: [
              { name: 'read_file', arguments: { path: 'note.txt' } },
              { name: 'run_command', arguments: { command: `echo ${long}` } },
            ],
          };
    const env = await endpoint(script);
    const first = await editor(() => 'once', { env });
    const { sessionId } = await first.agent.request('session/new', { cwd, mcpServers: [] });
    await ask(first.agent, sessionId, `my key is ${key}`);
    expect(first.asked[0]?.toolCall.rawInput).toEqual({
      command: `echo ${'x'.repeat(110)} [the key]`,
    });
    const text = textOf(first.updates, 'agent_message_chunk');
    expect(text).toMatch(/^It is (?:s|sk|sk-)?\[the key\]\.$/);
    const thought = textOf(first.updates, 'agent_thought_chunk');
    expect(thought).toMatch(/^I know (?:s|sk|sk-)?\[the key\]\.$/);
    for (const close of closing.splice(0)) await close();
    const second = await editor(() => 'no', { env });
    await second.agent.request('session/load', { sessionId, cwd, mcpServers: [] });
    for (const said of [first.updates, first.asked, second.updates]) {
      const all = JSON.stringify(said);
      expect(all).toContain('[the key]');
      expect(all).not.toContain(key.slice(0, 12));
    }
  }, 180_000);
});
