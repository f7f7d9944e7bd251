export { durable } from './durable-agent.ts';
export type { DurableAgent, DurableOptions } from './durable-agent.ts';
export type { DurableResult, RunRequest } from './durable-run.ts';
export { restateClient } from './client.ts';
export type { ClientOptions, DurableRun, DurableSession, RestateClient } from './client.ts';
export { registerWorker, startWorker } from './worker.ts';
export type { Worker, WorkerOptions } from './worker.ts';
export { startServer } from './server.ts';
export type { Server, ServerOptions, ServerPorts } from './server.ts';
