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
import { openEndpoint, scriptedNotice } from '../agent/endpoint.ts';
import { checkChoice } from '../agent/load-agent.ts';
import { closeAll } from '../close-all.ts';
import type { Command, Host } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { agentFile, agentOptions, agentUsage, readOptions } from '../read-options.ts';
import type { Again } from '../run/command-line.ts';
import { Ending } from '../run/ending.ts';
import {
  checkSession,
  newSessionId,
  prepareFolder,
  sessionFolder,
} from '../sessions/session-folder.ts';
import { cleanerFor } from '../terminal/clean-text.ts';
import { version } from '../version.ts';
import { EditorSession } from './editor-session.ts';
import type { Editor } from './editor-session.ts';
import { FolderAgents } from './folder-agents.ts';
import { SessionUpdates } from './session-updates.ts';

const usage = `Usage: throughline acp [options] [AGENT.ts]

Runs an agent in an editor that speaks the Agent Client Protocol (Zed, JetBrains, Neovim, Emacs). The editor starts this command
and talks to it over stdin and stdout; it shows answers, thoughts, calls and their results, and asks the person for permission.

Options:
${agentUsage}
`;

export const acp: Command = {
  usage,
  async run(args, host) {
    const { values, positionals } = readOptions(args, agentOptions, usage);
    const choice = { ...values, agent: agentFile(values.agent, positionals, usage) };
    checkChoice(choice);
    const endpoint = await openEndpoint(host);
    const agents = new FolderAgents(choice, host);
    const sessions = new Map<string, EditorSession>();
    const ending = new Ending(host);
    try {
      const { isScripted } = endpoint;
      const app = appOf({ choice, host, agents, sessions, isScripted });
      await Promise.race([app.connect(streamOf(host)).closed, aborted(ending.signal)]);
    } finally {
      const closing = [...sessions.values()].map((session) => () => session.close());
      await closeAll([() => endpoint.close(), () => agents.close(), ...closing]);
      ending.release();
    }
    return ending.code ?? exitCode.answer;
  },
};

/** Resolves when the signal is aborted. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** What the requests of an editor work with. */
interface Door {
  readonly choice: Again;
  readonly host: Host;
  readonly agents: FolderAgents;
  readonly sessions: Map<string, EditorSession>;
  readonly isScripted: boolean;
}

function streamOf({ stdin, stdout }: Host) {
  return ndJsonStream(
    Writable.toWeb(stdout) as WritableStream<Uint8Array>,
    Readable.toWeb(stdin) as unknown as ReadableStream<Uint8Array>,
  );
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
    .onRequest('session/new', ({ params, client }) =>
      inWords(door, async () => {
        const sessionId = newSessionId();
        await open(door, { cwd: params.cwd, sessionId, client });
        return { sessionId };
      }),
    )
    .onRequest('session/load', ({ params: { cwd, sessionId }, client }) =>
      inWords(door, async () => {
        const folder = sessionFolder(door.choice.folder, { ...door.host, cwd });
        // One that is open and in which nothing was said yet is stored nowhere.
        if (!sessions.has(sessionId)) {
          await checkSession(folder, sessionId).catch(() => {
            throw RequestError.resourceNotFound(sessionId);
          });
        }
        await (await open(door, { cwd, sessionId, client })).replay();
        return {};
      }),
    )
    .onRequest('session/prompt', ({ params }) =>
      inWords(door, async () => {
        const stopReason = await find(params.sessionId).prompt(textIn(params.prompt));
        return { stopReason };
      }),
    )
    .onNotification('session/cancel', ({ params }) => sessions.get(params.sessionId)?.cancel());
}

/** Does what a request asks for. An editor shows the message of an error and nothing else of it. */
async function inWords<T>({ host }: Door, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RequestError) throw error;
    const words = error instanceof Error ? error.message : String(error);
    throw RequestError.internalError(undefined, cleanerFor(host.env).clean(words));
  }
}

async function open(
  { choice, host, agents, sessions, isScripted }: Door,
  about: { readonly cwd: string; readonly sessionId: string; readonly client: AgentContext },
): Promise<EditorSession> {
  const { cwd, sessionId, client } = about;
  const there = { ...host, cwd };
  const before = sessions.get(sessionId);
  sessions.delete(sessionId);
  await before?.close();
  const agent = await agents.of(cwd);
  await prepareFolder(choice.folder, there);
  const stored = await sessionFolder(choice.folder, there).store.open(sessionId);
  const { env } = host;
  const updates = new SessionUpdates(cleanerFor(env).clean);
  const editor = editorOf(client, sessionId);
  const session = new EditorSession({ stored, agent, editor, updates, env, again: choice });
  sessions.set(sessionId, session);
  if (isScripted) {
    await editor.update(updates.said('agent_message_chunk', `${scriptedNotice}\n\n`));
  }
  return session;
}

function editorOf(client: AgentContext, sessionId: string): Editor {
  return {
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
