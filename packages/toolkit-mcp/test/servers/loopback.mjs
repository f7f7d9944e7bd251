// Preloaded into a reference server that would listen on all interfaces: it listens on loopback, and says where.
import { Server } from 'node:net';

const { listen } = Server.prototype;
Server.prototype.listen = function (port, ...rest) {
  this.once('listening', () => console.error(`listening on ${this.address().port}`));
  return listen.call(
    this,
    Number(port),
    '127.0.0.1',
    ...rest.filter((one) => typeof one === 'function'),
  );
};
