export { inspector } from './inspector.ts';
export type { Inspector, InspectorOptions, InspectorServer } from './inspector.ts';
export type { ActingAgent } from './acts.ts';
export type { CassetteOf, CassetteOrder } from './cassette.ts';
export type { BodyOf } from './request-of-step.ts';
export type { InspectedSessions, LineBatch, LineSource } from './stored.ts';
export type { WatchOptions } from './watched-run.ts';
