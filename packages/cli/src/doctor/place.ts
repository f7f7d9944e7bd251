import type { Host } from '../command.ts';
import { UsageError } from '../usage-error.ts';

/** Where to ask. */
export interface Place {
  readonly baseURL: string;
  readonly key: string;
  /** There is no key: a simulator in this process answers. */
  readonly isScripted: boolean;
  close(): Promise<void>;
}

/** The endpoint of the option or the environment; without a key, a simulator in this process. Throws a `UsageError` for what is none. */
export async function placeOf(given: string | undefined, { env }: Host): Promise<Place> {
  const key = env['ANYFAST_API_KEY']?.trim();
  const url = given ?? env['ANYFAST_BASE_URL']?.trim();
  if (key !== undefined && key !== '') {
    const baseURL = checked(url || 'https://www.anyfast.ai/v1');
    if (/[^\x21-\x7e]/.test(key))
      throw new UsageError('ANYFAST_API_KEY holds characters that no key has.');
    return { baseURL, key, isScripted: false, close: async () => {} };
  }
  if (given !== undefined)
    throw new UsageError('ANYFAST_API_KEY is not set: --base-url needs a key.');
  const { startSimulator } = await import('@throughline/simulator');
  const { scriptedHost } = await import('./scripted-host.ts');
  const simulator = await startSimulator({ script: scriptedHost });
  return {
    baseURL: simulator.url,
    key: simulator.key,
    isScripted: true,
    close: () => simulator.close(),
  };
}

/** A base URL in the form that the transport compares. */
function checked(given: string): string {
  const seen = given
    .replace(/^[^]*@/, '…@')
    .replace(/[?#][^]*/, '?…')
    .slice(0, 200);
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new UsageError(`"${seen}" is no base URL, such as https://www.anyfast.ai/v1.`);
  if (url.username + url.password + url.search + url.hash !== '')
    throw new UsageError(
      `"${seen}" must have no user name and password, ? and #; the key goes into ANYFAST_API_KEY.`,
    );
  return url.href.replace(/\/+$/, '');
}
