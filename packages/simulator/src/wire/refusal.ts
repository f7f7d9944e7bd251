/** Which layer speaks: the gateway, the upstream behind it, or this simulator in its own name. */
export type Layer = 'gateway' | 'upstream' | 'simulator';

/** An error answer, before it is put into the shape of its layer. */
export interface Refusal {
  readonly status: number;
  readonly layer: Layer;
  readonly message: string;
  readonly type?: string | undefined;
  readonly code?: string | null | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A body that is sent as it stands, for what is not the usual JSON. */
  readonly body?: { readonly type: string; readonly text: string } | undefined;
}

/** A refusal of the upstream's own rules: 400 `invalid_request_error`. */
export function invalid(message: string): Refusal {
  return { status: 400, layer: 'upstream', type: 'invalid_request_error', message };
}

/** A refusal of the gateway, before any upstream is asked. */
export function gatewayError(status: number, message: string, code = ''): Refusal {
  return { status, layer: 'gateway', type: 'new_api_error', message, code };
}

/** The gateway's word for a body beyond its bound. */
export function tooLarge(): Refusal {
  return gatewayError(413, 'Request exceeds the maximum size', 'read_request_body_failed');
}

/** What the simulator says in its own name. */
export function simulatorError(status: number, message: string, code: string): Refusal {
  return { status, layer: 'simulator', type: 'simulator_error', message, code };
}

/** The script has no answer; the code is one after which no client retries. */
export function scriptError(message: string): Refusal {
  return simulatorError(500, message, 'invalid_request');
}

/** How error bodies look: as a gateway relays them, or as Moonshot itself sends them. */
export type ErrorBody = 'gateway' | 'moonshot';

/** The body and the content type of a refusal. */
export function refusalBody(
  refusal: Refusal,
  requestId: string,
  shape: ErrorBody,
): { readonly type: string; readonly text: string } {
  if (refusal.body) return refusal.body;
  const { layer, message, type = '', code } = refusal;
  if (layer === 'simulator') return json({ message, type, param: '', code });
  if (layer === 'upstream' && shape === 'moonshot') {
    return json({ message, type, ...(code ? { code } : {}) });
  }
  const told = `${message} (request id: ${requestId})`;
  if (layer === 'gateway') return json({ message: told, type, code: code ?? '' });
  return json({ message: told, type, param: '', code: code ?? null });
}

function json(error: object): { readonly type: string; readonly text: string } {
  const text = JSON.stringify({ error });
  // The endpoint's encoder writes these three as escapes; a client must not search the raw text.
  const escaped = text.replaceAll(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
  return { type: 'application/json; charset=utf-8', text: escaped };
}
