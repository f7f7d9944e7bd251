import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A library's API on loopback, as `library.yaml` describes it. Who borrows needs the card. */
export class Library {
  readonly card = randomUUID();
  /** What was asked, e.g. `GET /books?title=sea -> 200`. */
  readonly asked: string[] = [];
  readonly #books = [
    { id: 1, title: 'The Sea, the Sea', free: false },
    { id: 2, title: 'A Wizard of Earthsea', free: true },
    { id: 3, title: 'Baking for Beginners', free: true },
  ];
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.destroy());
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://library');
    const [status, body] = this.#route(`${request.method} ${pathname}`, {
      title: searchParams.get('title') ?? '',
      hasCard: request.headers.authorization === `Bearer ${this.card}`,
      body: await text(request),
    });
    this.asked.push(`${request.method} ${request.url} -> ${status}`);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #route(
    what: string,
    { title, hasCard, body }: { title: string; hasCard: boolean; body: string },
  ) {
    if (what === 'GET /books') {
      const wanted = title.toLowerCase();
      return [
        200,
        this.#books.filter((book) => book.title.toLowerCase().includes(wanted)),
      ] as const;
    }
    if (!hasCard) return [401, { error: 'Show your card.' }] as const;
    const returned = /^DELETE \/loans\/(\d+)$/.exec(what)?.[1];
    if (returned !== undefined) return this.#takeBack(Number(returned));
    if (what !== 'POST /loans') return [404, { error: `There is no ${what}.` }] as const;
    const { bookId } = JSON.parse(body) as { bookId: number };
    const book = this.#books.find(({ id }) => id === bookId);
    if (book === undefined || !book.free)
      return [409, { error: 'This book is not here.' }] as const;
    book.free = false;
    return [201, { loan: book.id, title: book.title, weeks: 4 }] as const;
  }

  #takeBack(id: number) {
    const book = this.#books.find((one) => one.id === id && !one.free);
    if (book === undefined) return [404, { error: `There is no loan ${id}.` }] as const;
    book.free = true;
    return [200, { returned: book.title }] as const;
  }
}
