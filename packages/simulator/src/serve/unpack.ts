import { promisify } from 'node:util';
import { brotliDecompress, gunzip } from 'node:zlib';
import { gatewayError, tooLarge, type Refusal } from '../wire/refusal.ts';

const unpackers = new Map([
  ['gzip', promisify(gunzip)],
  ['br', promisify(brotliDecompress)],
]);

/**
 * Unpacks the body of a request as the gateway does: gzip and br (`middleware/gzip.go` of QuantumNous/new-api). The
 * bound holds for the unpacked bytes, so that a small body cannot become a large one.
 */
export async function unpack(
  body: Buffer,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Buffer | Refusal> {
  const name = (encoding ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '') return body;
  const unpacker = unpackers.get(name);
  if (!unpacker) {
    const known = [...unpackers.keys()].join(' and ');
    const told = `Invalid request: the Content-Encoding "${name}" is unknown; the gateway unpacks ${known}`;
    return gatewayError(400, told);
  }
  try {
    return await unpacker(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return tooLarge();
    return gatewayError(400, `Invalid request: the body is not valid ${name}`);
  }
}
