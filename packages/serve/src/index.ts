// Runs over HTTP. This package owns how a request becomes a run and a run a response. It does not own who may ask (the host's
// `authorize`), routes, and what a run does (core).

export { servedRuns } from './served-runs.ts';
export type { ServedRuns, WebHandler } from './served-runs.ts';
export type { Admitted, ServedAgent, ServeOptions } from './serve-options.ts';
export type { WhenLeft } from './live-run.ts';
export { events, eventsResponse } from './events.ts';
export type { EventsOptions } from './events.ts';
export { nodeHandler } from './node-handler.ts';
export type { NodeHandler } from './node-handler.ts';
export { aiSdk, aiSdkResponse } from './ai-sdk.ts';
export type { AiSdkOptions } from './ai-sdk.ts';
export type { Dialect } from './ai-sdk-chunks.ts';
export { agUi, agUiResponse } from './ag-ui.ts';
export type { AgUiOptions } from './ag-ui.ts';
export type { AgUiIds } from './ag-ui-events.ts';
