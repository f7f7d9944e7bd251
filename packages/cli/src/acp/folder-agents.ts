import { agentOf } from '../agent/load-agent.ts';
import type { AgentChoice } from '../agent/load-agent.ts';
import type { RunnableAgent } from '../agent/runnable-agent.ts';
import { closeAll } from '../close-all.ts';
import type { Host } from '../command.ts';

/** The agents of one connection: each folder has one, which all its sessions share. */
export class FolderAgents {
  readonly #choice: AgentChoice;
  readonly #host: Host;
  readonly #agents = new Map<string, Promise<RunnableAgent>>();

  constructor(choice: AgentChoice, host: Host) {
    this.#choice = choice;
    this.#host = host;
  }

  /** The agent of a folder, loaded by the first who asks. One that cannot be loaded is tried again by the next. */
  of(cwd: string): Promise<RunnableAgent> {
    const known = this.#agents.get(cwd);
    if (known !== undefined) return known;
    const loading = agentOf(this.#choice, { ...this.#host, cwd });
    this.#agents.set(cwd, loading);
    loading.catch(() => this.#agents.delete(cwd));
    return loading;
  }

  /** Ends what the agents' toolkits have started. */
  async close(): Promise<void> {
    const settled = await Promise.allSettled(this.#agents.values());
    const loaded = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    // Two folders may share the agent of a file.
    await closeAll([...new Set(loaded)].map((agent) => () => agent.dispose()));
  }
}
