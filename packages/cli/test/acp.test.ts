import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { client, ndJsonStream } from '@agentclientprotocol/sdk';
import type {
  ClientContext,
  RequestPermissionRequest,
  SessionUpdate,
} from '@agentclientprotocol/sdk';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** An editor that talks to the command in a process of its own. */
async function editor(answer: (asked: RequestPermissionRequest) => string) {
  const updates: SessionUpdate[] = [];
  const asked: RequestPermissionRequest[] = [];
  const { ANYFAST_API_KEY: _, ANYFAST_BASE_URL: __, ...env } = process.env;
  const child = spawn(
    process.execPath,
    ['--conditions=throughline-source', '--import=tsx', bin, 'acp'],
    { env, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  child.stderr.resume();
  const app = client({ name: 'editor' })
    .onNotification('session/update', ({ params }) => void updates.push(params.update))
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
  closing.push(async () => {
    const gone = child.exitCode === null ? once(child, 'exit') : undefined;
    child.stdin.end();
    await gone;
  });
  const agent = connection.agent;
  await agent.request('initialize', { protocolVersion: 1, clientCapabilities: {} });
  return { agent, updates, asked };
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
  }, 60_000);

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
  }, 60_000);

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
  }, 60_000);

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
  }, 60_000);
});
