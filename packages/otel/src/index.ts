export { otel } from './otel.ts';
export type { OtelOptions } from './options.ts';
