// A worker of Restate, to be killed. Started by the tests, built into one file.
import { durable, startWorker } from '@throughline/restate';
import { carefulAgent } from '../conversation.ts';
import type { Setting } from '../conversation.ts';

const { name, port, ingressUrl, ...setting } = JSON.parse(process.argv[2] ?? '{}') as Setting & {
  readonly name: string;
  readonly port: number;
  readonly ingressUrl: string;
};
const { agent, told } = carefulAgent(setting, name);
const restate = { retryPolicy: { initialInterval: 50, maxInterval: 250 } };
await startWorker({ agents: [durable(agent, { ingressUrl, onEvent: told, restate })], port });
process.stdout.write('ready\n');
