export { openapi } from './openapi.ts';
export type { OpenApiOptions } from './options.ts';
export type { OperationFacts } from './operation.ts';
export type { Credential, CredentialSource } from './auth.ts';
