export { anyfast } from './anyfast.ts';
export { toMoonshotSchema } from './schema/to-moonshot-schema.ts';
export type { Capabilities, EndpointUse, OmittedField } from './options/capabilities.ts';
export { mediaPart } from './media.ts';
export type { MediaOptions } from './media.ts';
export type { ModelInfo } from './models.ts';
export type {
  AnyfastOptions,
  ConnectionOptions,
  ResponseFormat,
  RetryPolicy,
  Thinking,
  ReceivedResponse,
  SentRequest,
} from './options/options.ts';
export { costUsd, priceList } from './options/pricing.ts';
export type { PriceList, Prices } from './options/pricing.ts';
export type { CompiledSchema } from './schema/full.ts';
export type { SchemaLoss } from './schema/note.ts';
