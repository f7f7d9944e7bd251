const encoder = new TextEncoder();

/** A text as it goes over the wire, on any platform. */
export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** All pieces as one. */
export function joined(
  start: Uint8Array,
  pieces: readonly Uint8Array[],
  end: Uint8Array,
): Uint8Array<ArrayBuffer> {
  let length = start.length + end.length;
  for (const piece of pieces) length += piece.length;
  const whole = new Uint8Array(length);
  whole.set(start);
  let at = start.length;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  whole.set(end, at);
  return whole;
}
