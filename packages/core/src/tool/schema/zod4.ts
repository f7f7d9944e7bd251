// Beside schema.ts, because what is imported by name here stays small in a bundle: a dynamic import of zod itself
// would put all of zod into it.
export { toJSONSchema, version } from 'zod/v4/core';
