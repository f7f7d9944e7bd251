import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { McpServerFactory } from '@modelcontextprotocol/server';
import type { ServedMcp } from './served-mcp.ts';

/** Serves over the stdin and stdout of this process until the client closes stdin. */
export function serveOverStdio(
  factory: McpServerFactory,
  end: (reason: string) => void,
): ServedMcp {
  const handle = serveStdio(factory);
  let resolve = () => {};
  const closed = new Promise<void>((done) => (resolve = done));
  const close = async () => {
    end('The server was closed.');
    await handle.close();
    process.stdin.pause(); // else it keeps the process alive
    resolve();
  };
  process.stdin.once('end', () => void close());
  process.stdin.once('close', () => void close());
  return { url: undefined, token: undefined, closed, close };
}
