import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** One address for several workers: each connection goes to the next of them that takes it. */
export interface Balancer {
  readonly url: string;
  close(): Promise<void>;
}

export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  let turn = 0;
  const open = new Set<Socket>();
  const server = createServer((incoming) => {
    open.add(incoming);
    incoming.on('close', () => open.delete(incoming));
    incoming.on('error', () => {}); // the close that follows ends the other side
    tryNext(incoming, ports.length);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  function tryNext(incoming: Socket, left: number): void {
    const port = ports[turn++ % ports.length] ?? 0;
    const outgoing = connect(port, '127.0.0.1');
    const refused = () => (left > 1 ? tryNext(incoming, left - 1) : incoming.destroy());
    outgoing.once('error', refused);
    outgoing.once('connect', () => {
      outgoing.off('error', refused);
      outgoing.on('error', () => {});
      incoming.pipe(outgoing).pipe(incoming);
      incoming.on('close', () => outgoing.destroy());
      outgoing.on('close', () => incoming.destroy());
    });
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of open) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}
