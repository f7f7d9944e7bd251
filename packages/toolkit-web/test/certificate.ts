import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** A certificate and its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes an authority, and certificates that it signs. Written by hand, so that the tests need no other program. */
export class Authority {
  readonly #name = `Tests ${randomBytes(4).toString('hex')}`;
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly cert = pem(
    certificate({
      name: this.#name,
      issuer: this.#name,
      isAuthority: true,
      key: this.#keys.publicKey,
      signer: this.#keys.privateKey,
    }),
  );

  issue(host: string, days: readonly [from: number, to: number] = [-1, 30]): Certificate {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const der = certificate({
      name: host,
      issuer: this.#name,
      days,
      key: publicKey,
      signer: this.#keys.privateKey,
    });
    return { cert: pem(der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
  }
}

/** One that nobody vouches for but itself. */
export function selfSigned(host: string): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    cert: pem(
      certificate({ name: host, issuer: host, key: publicKey, signer: createPrivateKey(key) }),
    ),
    key,
  };
}

interface Facts {
  readonly name: string;
  readonly issuer: string;
  readonly days?: readonly [from: number, to: number];
  readonly isAuthority?: boolean;
  readonly key: KeyObject;
  readonly signer: KeyObject;
}

/** X.509 in DER (RFC 5280). */
function certificate({
  name,
  issuer,
  days = [-1, 30],
  isAuthority = false,
  key,
  signer,
}: Facts): Buffer {
  const ecdsaWithSha256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));
  const commonName = (text: string) =>
    sequence(node(0x31, sequence(Buffer.from('0603550403', 'hex'), node(0x0c, Buffer.from(text)))));
  const time = (day: number) => {
    const iso = new Date(Date.now() + day * 86_400_000).toISOString();
    return node(0x18, Buffer.from(`${iso.slice(0, 19).replace(/[-:T]/g, '')}Z`));
  };
  const extension = isAuthority
    ? sequence(
        Buffer.from('0603551d13', 'hex'),
        node(0x01, Buffer.from([0xff])),
        node(0x04, sequence(node(0x01, Buffer.from([0xff])))),
      )
    : sequence(
        Buffer.from('0603551d11', 'hex'),
        node(0x04, sequence(node(0x82, Buffer.from(name)))),
      );
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  const body = sequence(
    node(0xa0, node(0x02, Buffer.from([2]))),
    node(0x02, serial),
    ecdsaWithSha256,
    commonName(issuer),
    sequence(time(days[0]), time(days[1])),
    commonName(name),
    key.export({ type: 'spki', format: 'der' }),
    node(0xa3, sequence(extension)),
  );
  return sequence(
    body,
    ecdsaWithSha256,
    node(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, signer)])),
  );
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return node(0x30, Buffer.concat(parts));
}

function node(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
