import process from 'node:process';
import type { Host } from '../command.ts';
import { capabilitiesVariable } from './capabilities-file.ts';

/** Where the models of this process answer from. */
export interface Endpoint {
  /** The model is scripted: there is no key, and a simulator answers on this machine. */
  readonly isScripted: boolean;
  close(): Promise<void>;
}

/** What a person reads when there is no key. */
export const scriptedNotice =
  'ANYFAST_API_KEY is not set: the model is SCRIPTED. A simulator on this machine plays it by rule; tools, files and sessions are real.';

/**
 * The endpoint of the environment; without a key, a simulator in this process. An agent's file makes its own model, so the simulator
 * is announced in the environment, where every transport looks. It must be opened before the agent is loaded.
 */
export async function openEndpoint({ env, stdout }: Host): Promise<Endpoint> {
  const isSet = (name: string) => Boolean(env[name]?.trim());
  if (isSet('ANYFAST_API_KEY') || isSet('ANYFAST_BASE_URL')) {
    return { isScripted: false, close: async () => {} };
  }
  const { startSimulator } = await import('@throughline/simulator');
  const { scriptedModel } = await import('./scripted-model.ts');
  // Only a person at a terminal watches it stream; nothing else shall wait for it.
  const pieceDelayMs = stdout.isTTY ? 4 : 0;
  const simulator = await startSimulator({ script: scriptedModel, pieceDelayMs, keepBodies: 0 });
  process.env['ANYFAST_BASE_URL'] = simulator.url;
  process.env['ANYFAST_API_KEY'] = simulator.key;
  // What the doctor found is true of another endpoint.
  const capabilities = process.env[capabilitiesVariable];
  delete process.env[capabilitiesVariable];
  return {
    isScripted: true,
    close: async () => {
      delete process.env['ANYFAST_BASE_URL'];
      delete process.env['ANYFAST_API_KEY'];
      if (capabilities !== undefined) process.env[capabilitiesVariable] = capabilities;
      await simulator.close();
    },
  };
}
