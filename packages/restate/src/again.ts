import { rpc } from '@restatedev/restate-sdk-clients';

/** Has a request that may have been heard be sent again, and heard once. */
export function again() {
  return rpc.opts<never, never>({ idempotencyKey: crypto.randomUUID() });
}
