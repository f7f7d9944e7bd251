import { isIP } from 'node:net';
import { isObject, listOf, textOf } from './document.ts';
import type { Description, JsonObject } from './document.ts';
import type { FoundOperation } from './operation.ts';
import { refusal, shown } from './trouble.ts';

/** Where the host sends requests. Throws for what is no address, and for one that is not encrypted and was not asked for. */
export function hostServer(baseURL: string | URL, allowHttp: boolean): URL {
  const url = addressOf(String(baseURL));
  if (url === undefined) throw refusal(`baseURL is ${shown(String(baseURL))}, no address.`);
  if (url.protocol === 'https:' || allowHttp || isLoopback(url)) return url;
  throw refusal(
    `baseURL ${shown(url.origin)} is not encrypted; allowHttp: true sends to it all the same.`,
  );
}

/** Where the document sends the requests of an operation. Throws unless it is an encrypted server with a name. */
export function documentServer(description: Description, found: FoundOperation): URL {
  const own = serversOf(found.node) ?? serversOf(found.pathItem);
  const general = description.isSwagger
    ? swaggerServer(description.root)
    : serversOf(description.root);
  const server = checked(own ?? general);
  if (own !== undefined && general !== undefined) {
    const usual = addressOf(general)?.origin;
    if (usual !== undefined && usual !== server.origin) {
      throw refusal(
        `its server is ${shown(server.origin)} and not the document's; name it as baseURL.`,
      );
    }
  }
  return server;
}

function checked(text: string | undefined): URL {
  const url = text === undefined ? undefined : addressOf(text);
  if (url === undefined) {
    const named = text === undefined ? 'no server' : `the server ${shown(text)}`;
    throw refusal(`the document names ${named}; say where it is with baseURL.`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/[.]$/, '');
  const isNamed =
    isIP(host) === 0 && /[.]/.test(host) && !/[.](localhost|local|internal)$/.test(host);
  if (url.protocol === 'https:' && isNamed) return url;
  throw refusal(
    `the document names the server ${shown(url.origin)}; a server that is not encrypted or has no public name must be named as baseURL.`,
  );
}

function addressOf(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPlain =
    url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return isPlain && /^https?:$/.test(url.protocol) ? url : undefined;
}

export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127[.][\d.]+$/.test(hostname);
}

function serversOf(node: JsonObject): string | undefined {
  const first = listOf(node['servers'])[0];
  const url = isObject(first) ? textOf(first, 'url') : undefined;
  if (url === undefined || !isObject(first)) return undefined;
  const variables = isObject(first['variables']) ? first['variables'] : {};
  return url.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const variable = variables[name];
    return isObject(variable) && 'default' in variable ? String(variable['default']) : whole;
  });
}

function swaggerServer(root: JsonObject): string | undefined {
  const host = textOf(root, 'host');
  if (host === undefined) return undefined;
  const schemes = listOf(root['schemes']);
  const scheme = schemes.length === 0 || schemes.includes('https') ? 'https' : String(schemes[0]);
  return `${scheme}://${host}${textOf(root, 'basePath') ?? ''}`;
}
