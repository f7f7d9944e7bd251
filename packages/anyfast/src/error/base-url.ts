/** What may be wrong with a base URL, or with the way to it, judged by what came back. */

/** What to do about a path that the host does not serve, or a page that came instead of an answer. */
export function baseURLAdvice(baseURL: string): string {
  if (!URL.canParse(baseURL)) return `Check the baseURL ${baseURL}.`;
  const { pathname } = new URL(baseURL);
  const versions = pathname.match(/\/v\d\w{0,20}(?=\/|$)/g) ?? [];
  if (versions.length === 0) {
    const likely = `${baseURL.replace(/\/{1,8}$/, '')}/v1`;
    return `Check the baseURL ${baseURL}: it has no /v1, which most hosts want. Try ${likely}.`;
  }
  if (versions.length > 1) return `Check the baseURL ${baseURL}: it has ${versions.join(' and ')}.`;
  return `Check the baseURL ${baseURL}.`;
}

const http2 =
  'The server speaks HTTP/2 alone, and node:http speaks HTTP/1.1: pass a fetch that speaks HTTP/2, such as one of undici with allowH2.';

/** The likely mistake behind words of a server or of the platform; undefined where none is known. */
export function likelyMistake(reason: string, baseURL: string): string | undefined {
  if (
    /alpn|application[ _]protocol|http\/2|HPE_INVALID_(?:CONSTANT|VERSION)|Expected HTTP\//i.test(
      reason,
    )
  ) {
    return http2;
  }
  if (/plain http request was sent to https|http request to an https server/i.test(reason)) {
    return `The server speaks https: write ${baseURL.replace(/^http:/, 'https:')}.`;
  }
  if (/wrong[ _]version[ _]number|packet[ _]length[ _]too[ _]long|EPROTO/i.test(reason)) {
    return `The server seems to speak plain http: check the https:// of the baseURL ${baseURL}.`;
  }
  // A TLS server closes what begins with no handshake.
  if (/socket hang up|ECONNRESET/.test(reason) && baseURL.startsWith('http:')) {
    return `Check the network and the baseURL ${baseURL}: the connection was closed without an answer, or the host wants https://.`;
  }
  return undefined;
}

/** Node's own HTTP knows of a proxy only where it is told; without a word it would be passed by. */
export function proxyAdvice(): string {
  const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY'];
  const { process } = globalThis as { readonly process?: NodeJS.Process };
  const env = process?.env ?? {};
  const name = names.find((one) => env[one]);
  if (name === undefined || env['NODE_USE_ENV_PROXY'] === '1') return '';
  return ` ${name} is set, but Node obeys it only with NODE_USE_ENV_PROXY=1 (from 22.21 and 24.5 on); on other versions pass a fetch that uses the proxy.`;
}
