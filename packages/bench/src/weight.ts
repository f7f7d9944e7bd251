import { fileURLToPath } from 'node:url';
import { bundleAgent, bundleFile } from './bundle.ts';
import type { Bundle } from './bundle.ts';
import { installedFor } from './closure.ts';
import type { Installed } from './closure.ts';
import { complaintOf } from './complaint.ts';
import type { Entry } from './contender.ts';
import type { Target } from './figure.ts';
import { ordinary, programs } from './program.ts';
import { startServer } from './sample.ts';
import { toSegment } from './script.ts';

/** What does not change from run to run, or the words of why it could not be found out. */
export interface Weight<Value> {
  readonly label: string;
  readonly value: Value | { readonly failed: string };
  readonly target?: Target;
}

const folderOf = ({ peer }: Entry) =>
  fileURLToPath(new URL(peer ? '../peers/' : '../', import.meta.url));

export function weighInstalled(entries: readonly Entry[]): readonly Weight<Installed>[] {
  return entries.map((entry) => ({
    label: entry.name,
    value: attempt(() => installedFor(folderOf(entry), entry.packages)),
    ...(entry.name === 'Throughline' ? { target: { atMost: 10 } } : {}),
  }));
}

/** Our own programs, bundled and run, and of the peers what is measured of them, bundled. */
export async function weighBundles(entries: readonly Entry[]): Promise<readonly Weight<Bundle>[]> {
  const weights = [...(await weighPrograms())];
  for (const { name, file, peer } of entries) {
    if (!peer) continue;
    weights.push({ label: name, value: await attemptAsync(() => bundleFile(fileURLToPath(file))) });
  }
  return weights;
}

/** The programs that are held to the target: those in which nothing but our own packages is counted. */
const held = ['without zod', 'with JSON Schema'];

async function weighPrograms(): Promise<readonly Weight<Bundle>[]> {
  const weights: Weight<Bundle>[] = [];
  const server = await startServer();
  try {
    const baseURL = `${server.url}/${toSegment(ordinary)}`;
    for (const [name, program] of Object.entries(programs)) {
      weights.push({
        label: `Throughline ${name}`,
        value: await attemptAsync(() => bundleAgent(program, { baseURL })),
        ...(held.includes(name) ? { target: { atMost: 25 } } : {}),
      });
    }
  } finally {
    server.close();
  }
  return weights;
}

function attempt<Value>(act: () => Value): Value | { readonly failed: string } {
  try {
    return act();
  } catch (error) {
    return { failed: complaintOf(error) };
  }
}

async function attemptAsync<Value>(
  act: () => Promise<Value>,
): Promise<Value | { readonly failed: string }> {
  try {
    return await act();
  } catch (error) {
    return { failed: complaintOf(error) };
  }
}
