import type { JSONRPCMessage, ProtocolError, RequestId } from '@modelcontextprotocol/client';

/** No server can send this, so its own errors are told apart. */
const mark = Symbol('no answer');

/** Fails a request whose answer cannot come any more; passed over, it would wait for its whole time. `why` stands in the error. */
export function noAnswer(id: RequestId, why: string): JSONRPCMessage {
  return { jsonrpc: '2.0', id, error: { code: -32_603, message: why, data: mark } };
}

/** Whether a request failed by `noAnswer`: then what it did is not known. */
export function isNoAnswer(error: ProtocolError): boolean {
  return error.data === mark;
}
