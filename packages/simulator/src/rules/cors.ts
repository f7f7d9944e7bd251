import type { IncomingHttpHeaders } from 'node:http';

/**
 * What the gateway tells a browser: any origin may ask, without cookies (`middleware/cors.go` of QuantumNous/new-api).
 * The simulator itself answers only pages of this machine; see `checkCaller`.
 */
export function corsHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  if (headers.origin === undefined) return {};
  const asked = headers['access-control-request-headers'];
  return {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS, PATCH',
    'access-control-allow-headers': asked ?? 'Authorization, Content-Type, Accept',
    'access-control-max-age': '43200',
  };
}

/** Whether a browser asks what it may send, before it sends it. */
export function isPreflight(method: string, headers: IncomingHttpHeaders): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}
