import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, expect, test, vi } from 'vitest';
import { ask, errorOf, modelAt } from '../support/ask.ts';
import { json, startEndpoint } from '../support/endpoint.ts';

const options = { retry: { attempts: 1 } };

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A key and a certificate made for this test alone. */
function certificate(): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-tls-'));
  try {
    const files = ['-keyout', join(folder, 'key'), '-out', join(folder, 'cert')];
    const made = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=localhost',
    ];
    execFileSync('openssl', [...made, ...files], { stdio: 'ignore' });
    return { key: readFileSync(join(folder, 'key')), cert: readFileSync(join(folder, 'cert')) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Trusts what this machine made itself, as NODE_TLS_REJECT_UNAUTHORIZED=0 does, for one test. */
function trusting(): void {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
}

test('a host that speaks HTTP/2 alone is told as such', async () => {
  trusting();
  const port = await listening(createSecureServer({ ...certificate(), allowHTTP1: false }));
  const error = await errorOf(ask(modelAt(`https://127.0.0.1:${port}/v1`, options)));
  expect(error).toMatchObject({ code: 'connection', retryable: false });
  expect(String(error)).toContain('speaks HTTP/2 alone');
  expect(String(error)).toContain('pass a fetch');
});

test('https to a host that speaks plain http is told as such', async () => {
  const { baseURL } = await startEndpoint(json({}));
  const error = await errorOf(ask(modelAt(baseURL.replace('http:', 'https:'), options)));
  expect(String(error)).toContain('seems to speak plain http: check the https://');
});

test('http to a host that speaks https is told as such', async () => {
  const port = await listening(createServer(certificate()));
  const error = await errorOf(ask(modelAt(`http://127.0.0.1:${port}/v1`, options)));
  expect(error).toMatchObject({ code: 'connection' });
  expect(String(error)).toContain('or the host wants https://');
});

test.each(['HTTPS_PROXY', 'https_proxy'])(
  'a proxy in %s that Node passes by is told',
  async (name) => {
    vi.stubEnv(name, 'http://user:hush@proxy.example:3128');
    vi.stubEnv('NODE_USE_ENV_PROXY', undefined);
    const error = await errorOf(ask(modelAt('http://127.0.0.1:47/v1', options)));
    expect(String(error)).toContain(
      `${name} is set, but Node obeys it only with NODE_USE_ENV_PROXY=1`,
    );
    expect(String(error)).not.toContain('hush');
  },
);

test('a base URL without /v1 is told, whatever its host answers', async () => {
  for (const reply of [
    json('<title>Console</title>', 200),
    json({}, 404),
    json({ detail: 'Not Found' }, 405),
  ]) {
    const { baseURL } = await startEndpoint(reply);
    const bare = baseURL.replace('/v1', '');
    const error = await errorOf(ask(modelAt(bare, options)));
    expect(String(error)).toContain(`it has no /v1, which most hosts want. Try ${bare}/v1.`);
  }
});
