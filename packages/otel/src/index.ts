export { otel } from './otel.ts';
export type { OtelOptions } from './options.ts';
export type { TraceLinks } from './trace-links.ts';
