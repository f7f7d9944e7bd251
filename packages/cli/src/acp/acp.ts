// acp/ owns an agent in an editor, over the Agent Client Protocol (agentclientprotocol.com) on stdin and stdout. It does not own where
// agents and sessions come from (agent/, sessions/).

import { Readable, Writable } from 'node:stream';
import {
  agent as acpAgent,
  ndJsonStream,
  PROTOCOL_VERSION,
  RequestError,
} from '@agentclientprotocol/sdk';
import type {
  AgentContext,
  ContentBlock,
  RequestPermissionRequest,
} from '@agentclientprotocol/sdk';
import { loadAgent } from '../agent/load-agent.ts';
import type { AgentChoice } from '../agent/load-agent.ts';
import { scriptedNotice } from '../agent/endpoint.ts';
import type { Command, Host } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { agentOptions, agentUsage, readOptions } from '../read-options.ts';
import {
  checkSession,
  newSessionId,
  prepareFolder,
  sessionFolder,
} from '../sessions/session-folder.ts';
import { version } from '../version.ts';
import { EditorSession } from './editor-session.ts';
import type { Editor } from './editor-session.ts';
import { said } from './updates.ts';

const usage = `Usage: throughline acp [options]

Runs an agent in an editor that speaks the Agent Client Protocol (Zed, JetBrains, Neovim, Emacs). The editor starts this command
and talks to it over stdin and stdout; it shows answers, thoughts, calls and their results, and asks the person for permission.

Options:
${agentUsage}
`;

export const acp: Command = {
  usage,
  async run(args, host) {
    const { values, positionals } = readOptions(args, agentOptions, usage);
    const choice = { ...values, agent: values.agent ?? positionals[0] };
    const sessions = new Map<string, EditorSession>();
    const { stdin, stdout } = host;
    const stream = ndJsonStream(
      Writable.toWeb(stdout) as WritableStream<Uint8Array>,
      Readable.toWeb(stdin) as unknown as ReadableStream<Uint8Array>,
    );
    const connection = appOf({ choice, host, sessions }).connect(stream);
    await connection.closed;
    for (const session of sessions.values()) await session.close();
    return exitCode.answer;
  },
};

interface Door {
  readonly choice: AgentChoice & { readonly folder?: string | undefined };
  readonly host: Host;
  readonly sessions: Map<string, EditorSession>;
}

function appOf(door: Door) {
  const { sessions } = door;
  const find = (id: string) => {
    const session = sessions.get(id);
    if (session === undefined) throw RequestError.resourceNotFound(`session ${id}`);
    return session;
  };
  return acpAgent({ name: 'throughline' })
    .onRequest('initialize', () => ({
      protocolVersion: PROTOCOL_VERSION,
      agentInfo: { name: 'throughline', version },
      agentCapabilities: { loadSession: true, promptCapabilities: { embeddedContext: true } },
      authMethods: [],
    }))
    .onRequest('session/new', async ({ params, client }) => {
      const sessionId = newSessionId();
      await open(door, { cwd: params.cwd, sessionId, client });
      return { sessionId };
    })
    .onRequest('session/load', async ({ params, client }) => {
      const { cwd, sessionId } = params;
      const folder = sessionFolder(door.choice.folder, { ...door.host, cwd });
      await checkSession(folder, sessionId).catch(() => {
        throw RequestError.resourceNotFound(sessionId);
      });
      await (await open(door, { cwd, sessionId, client })).replay();
      return {};
    })
    .onRequest('session/prompt', async ({ params }) => {
      const stopReason = await find(params.sessionId).prompt(textIn(params.prompt));
      return { stopReason };
    })
    .onNotification('session/cancel', ({ params }) => sessions.get(params.sessionId)?.cancel());
}

async function open(
  { choice, host, sessions }: Door,
  about: { readonly cwd: string; readonly sessionId: string; readonly client: AgentContext },
): Promise<EditorSession> {
  const { cwd, sessionId, client } = about;
  const there = { ...host, cwd };
  await sessions.get(sessionId)?.close();
  const loaded = await loadAgent(choice, there);
  await prepareFolder(choice.folder, there);
  const editor: Editor = {
    update: (update) => client.notify('session/update', { sessionId, update }),
    async ask(toolCall, options, signal) {
      const asked: RequestPermissionRequest = {
        sessionId,
        toolCall: { ...toolCall, status: 'pending' },
        options,
      };
      const { outcome } = await client.request('session/request_permission', asked);
      return outcome.outcome === 'selected' && !signal.aborted ? outcome.optionId : undefined;
    },
  };
  const stored = await sessionFolder(choice.folder, there).store.open(sessionId);
  const session = new EditorSession(stored, loaded, editor);
  sessions.set(sessionId, session);
  if (loaded.isScripted) await editor.update(said('agent_message_chunk', `${scriptedNotice}\n\n`));
  return session;
}

/** What the person wrote, and the files that they put beside it. */
function textIn(blocks: readonly ContentBlock[]): string {
  return blocks
    .map((block) => {
      if (block.type === 'text') return block.text;
      if (block.type === 'resource_link') return `${block.name}: ${block.uri}`;
      if (block.type !== 'resource') return `(a part of the kind ${block.type}, which is not read)`;
      const { resource } = block;
      return 'text' in resource ? `${resource.uri}:\n${resource.text}` : resource.uri;
    })
    .join('\n\n');
}
