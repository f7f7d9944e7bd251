import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface Hit {
  readonly title: string;
  readonly url: string;
  readonly snippet: string;
}

/** The Markdown files of a folder as a website on loopback, with a search by words. */
export class Site {
  readonly #pages: ReadonlyMap<string, string>;
  readonly #server: Server;

  private constructor(pages: ReadonlyMap<string, string>) {
    this.#pages = pages;
    this.#server = createServer((request, response) => {
      const page = pages.get(new URL(request.url ?? '/', 'http://site').pathname.slice(1));
      if (page === undefined) response.writeHead(404).end('There is no such page.');
      else response.writeHead(200, { 'content-type': 'text/markdown; charset=utf-8' }).end(page);
    });
  }

  static async open(folder: string): Promise<Site> {
    const pages = new Map<string, string>();
    for (const name of await readdir(folder)) {
      if (name.endsWith('.md')) pages.set(name, await readFile(join(folder, name), 'utf8'));
    }
    const site = new Site(pages);
    await new Promise<void>((resolve) => site.#server.listen(0, '127.0.0.1', resolve));
    return site;
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The pages that hold most of the words, best first. A word that few pages hold counts more. */
  search(query: string, limit: number): readonly Hit[] {
    const words = [...new Set(query.toLowerCase().match(/[\p{L}\d_]{3,}/gu))];
    const weights = words.map((word) => {
      const holding = [...this.#pages.values()].filter((text) => text.toLowerCase().includes(word));
      return { word, weight: Math.log(1 + this.#pages.size / Math.max(holding.length, 1)) };
    });
    const hits = [...this.#pages].map(([name, text]) => {
      const lines = text.split('\n').map((line) => ({ line, score: scoreOf(line, weights) }));
      const best = lines.reduce((one, other) => (other.score > one.score ? other : one));
      const title = /^# (.+)$/m.exec(text)?.[1] ?? name;
      return {
        title,
        url: `http://${this.host}/${name}`,
        snippet: best.line.slice(0, 300),
        score: best.score,
      };
    });
    const found = hits
      .filter(({ score }) => score > 0)
      .sort((one, other) => other.score - one.score);
    return found.slice(0, limit).map(({ title, url, snippet }) => ({ title, url, snippet }));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function scoreOf(line: string, weights: readonly { word: string; weight: number }[]): number {
  const text = line.toLowerCase();
  return weights.reduce((sum, { word, weight }) => sum + (text.includes(word) ? weight : 0), 0);
}
