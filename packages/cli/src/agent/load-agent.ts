// agent/ owns where an agent and its model come from: a file or the default one, the endpoint or the simulator. It does not own
// how a run of it is shown.

import { join } from 'node:path';
import type { Toolkit } from '@throughline/core';
import { closeAll } from '../close-all.ts';
import type { Host } from '../command.ts';
import { Printer } from '../terminal/printer.ts';
import { UsageError } from '../usage-error.ts';
import { capabilitiesFile } from './capabilities-file.ts';
import { openEndpoint, scriptedNotice } from './endpoint.ts';
import type { RunnableAgent } from './runnable-agent.ts';

/** Which agent a person asks for. */
export interface AgentChoice {
  /** Its file; without one the default agent. */
  readonly agent?: string | undefined;
  /** Whether the servers of `.mcp.json` are plugged into the default agent. */
  readonly mcp?: boolean | undefined;
}

/** An agent, ready to run. */
export interface LoadedAgent {
  readonly agent: RunnableAgent;
  readonly isScripted: boolean;
  /** Ends what the agent's toolkits have started, and the simulator. */
  close(): Promise<void>;
}

/**
 * Loads the agent, and says on stderr where its model is scripted; `quiet` leaves that to the caller. Throws a `UsageError` for what cannot
 * be loaded.
 */
export async function loadAgent(
  choice: AgentChoice,
  host: Host,
  { quiet = false }: { readonly quiet?: boolean } = {},
): Promise<LoadedAgent> {
  checkChoice(choice);
  const endpoint = await openEndpoint(host);
  if (endpoint.isScripted && !quiet) new Printer(host).say(scriptedNotice, 'yellow');
  try {
    const agent = await agentOf(choice, host);
    const close = () => closeAll([() => endpoint.close(), () => agent.dispose()]);
    return { agent, isScripted: endpoint.isScripted, close };
  } catch (error) {
    await endpoint.close();
    throw error;
  }
}

/** Throws a `UsageError` for options that contradict each other. */
export function checkChoice({ agent, mcp }: AgentChoice): void {
  if (agent === undefined || !mcp) return;
  throw new UsageError(
    '--mcp adds servers to the default agent. An agent of a file plugs in its own, with mcp().',
  );
}

/** The agent itself, of a choice that is checked. The endpoint must be open: an agent looks for it when it is made. */
export async function agentOf(
  { agent, mcp = false }: AgentChoice,
  host: Host,
): Promise<RunnableAgent> {
  if (agent !== undefined) {
    const { agentOfFile } = await import('./agent-file.ts');
    return agentOfFile(agent, host.cwd);
  }
  const { defaultAgent } = await import('./default-agent.ts');
  const capabilities = await capabilitiesFile(host);
  return defaultAgent(host.cwd, mcp ? [await mcpServers(host)] : [], capabilities);
}

async function mcpServers(host: Host): Promise<Toolkit<unknown>> {
  const { fromMcpJson, mcp } = await import('@throughline/toolkit-mcp');
  const printer = new Printer(host);
  const servers = await fromMcpJson(join(host.cwd, '.mcp.json')).catch((error: unknown) => {
    // A file that cannot be read as one: nothing was started yet.
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  });
  return mcp({ servers, onWarning: (message) => printer.say(message, 'yellow') });
}
