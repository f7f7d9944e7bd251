import { checkOptions, tool } from '@throughline/core';
import type { CallScope, Effect, Tool, Toolkit } from '@throughline/core';
import { place, schemesFor, schemesOf } from './auth.ts';
import type { Scheme } from './auth.ts';
import { chooseOperations } from './choose.ts';
import { readDescription } from './document.ts';
import type { Description } from './document.ts';
import { checkedHeaders, secretValues, withoutHidden } from './header.ts';
import { inputOf } from './input.ts';
import { nameOperations } from './name.ts';
import { findOperations, wordsOf } from './operation.ts';
import type { FoundOperation, Operation } from './operation.ts';
import { known } from './options.ts';
import type { OpenApiOptions } from './options.ts';
import { checkTemplate, makeRequest } from './request.ts';
import type { Frame } from './request.ts';
import { cleaned } from './schema.ts';
import { send } from './send.ts';
import { documentServer, hostServer } from './server.ts';
import { refusal, shown } from './trouble.ts';
import { readVersion2 } from './version-2.ts';
import { readVersion3 } from './version-3.ts';

/**
 * Turns the operations of an OpenAPI description (2.0, 3.0, 3.1 or 3.2; an object, or its text as JSON or YAML) into tools. GET and HEAD
 * have the effect `read`, DELETE `destructive`, all others `write`. Nothing is fetched but what a call asks for. An operation that cannot
 * be offered is left out, with a warning. Throws `invalid_option` for a document or an option that cannot be used.
 */
export function openapi<Context = unknown>(
  document: object | string,
  options: OpenApiOptions<Context> = {},
): Toolkit<Context> {
  const set = settingsOf(document, options);
  const all = findOperations(set.description, set.warn);
  const chosen = chooseOperations(all, options.operations);
  const names = nameOperations(all);
  const ended = new AbortController();
  const taken = new Set<string>();
  const unmet = new Map<string, number>();
  const tools = chosen.flatMap((found) => {
    const name = names.get(found) ?? '';
    try {
      if (taken.has(name)) throw refusal(`another one is called ${shown(name)} too.`);
      const security = schemesFor(set.description.root, found, set.schemes);
      const made = toolOf(found, name, { ...set, met: security.met, ended: ended.signal });
      for (const scheme of security.unmet) unmet.set(scheme, (unmet.get(scheme) ?? 0) + 1);
      taken.add(name);
      return [made];
    } catch (error) {
      // The document is a stranger's: whatever is wrong with one operation costs that one alone, and is told.
      set.warn(`${titleOf(found)} is left out: ${wordsOf(error)}`);
      return [];
    }
  });
  for (const [scheme, count] of unmet) {
    set.warn(
      `auth has no credential for ${shown(scheme)}; the operations that ask for it (${count}) are sent without.`,
    );
  }
  return {
    name: 'openapi',
    tools,
    dispose() {
      ended.abort(new Error('The toolkit was disposed of.'));
    },
  };
}

/** The options, checked, with what they are read as. */
interface Settings<Context> {
  readonly description: Description;
  readonly warn: (words: string) => void;
  readonly server: URL | undefined;
  readonly schemes: ReadonlyMap<string, Scheme<Context>>;
  readonly headers: readonly (readonly [string, string])[];
  readonly idempotencyHeader: string | undefined;
  readonly timeoutMs: number;
  readonly maxResultChars: number;
}

function settingsOf<Context>(
  document: unknown,
  options: OpenApiOptions<Context>,
): Settings<Context> {
  checkOptions('openapi()', options, known);
  const { baseURL, allowHttp = false, auth = {}, headers = {}, idempotencyHeader } = options;
  const { timeoutMs = 60_000, maxResultChars = 40_000, onWarning = warnProcess } = options;
  for (const [name, value] of Object.entries({ timeoutMs, maxResultChars })) {
    if (!(typeof value === 'number' && value >= 1))
      throw refusal(`${name} is ${shown(value)}; it must be 1 or more.`);
  }
  if (typeof onWarning !== 'function') throw refusal('onWarning is no function.');
  if (baseURL === undefined && Object.keys(auth).length + Object.keys(headers).length > 0) {
    throw refusal(
      'auth and headers need baseURL: a document could name any server, so say to which one your credentials may go.',
    );
  }
  const description = readDescription(document);
  return {
    description,
    warn: (words) => onWarning(`openapi: ${cleaned(words, 1_000)}`),
    server: baseURL === undefined ? undefined : hostServer(baseURL, allowHttp === true),
    schemes: schemesOf(description.root, auth),
    headers: checkedHeaders(headers, idempotencyHeader),
    idempotencyHeader,
    timeoutMs,
    maxResultChars,
  };
}

function warnProcess(words: string): void {
  process.emitWarning(words, 'ThroughlineWarning');
}

interface Making<Context> extends Settings<Context> {
  readonly met: readonly Scheme<Context>[];
  /** Aborted when the toolkit is disposed of. */
  readonly ended: AbortSignal;
}

function toolOf<Context>(
  found: FoundOperation,
  name: string,
  making: Making<Context>,
): Tool<Context> {
  const { description, warn, timeoutMs, maxResultChars } = making;
  const { root, isSwagger } = description;
  const read = isSwagger ? readVersion2(root, found) : readVersion3(root, found);
  const operation = withoutHidden(withoutIdleBody(found, read), making);
  checkTemplate(found, operation);
  const input = inputOf(root, operation);
  const server = making.server ?? documentServer(description, found);
  const made = tool({
    name,
    description: describe(found),
    inputSchema: input.schema,
    effect: effectOf(found.method),
    timeoutMs,
    // Its own bound is told in better words than core's.
    maxResultChars: maxResultChars + 5_000,
    execute: (given: unknown, scope: CallScope<Context>) =>
      call({ found, operation, input, server }, given as Readonly<Record<string, unknown>>, {
        making,
        scope: { ...scope, signal: AbortSignal.any([scope.signal, making.ended]) },
      }),
  });
  if (input.left > 0) {
    warn(
      `${titleOf(found)}: its schema is too large, so ${input.left} of its definitions are told as any value.`,
    );
  }
  return made;
}

/** HTTP gives the content of a GET no meaning, and the client does not send it. */
function withoutIdleBody({ method }: FoundOperation, operation: Operation): Operation {
  if (effectOf(method) !== 'read' || operation.body === undefined) return operation;
  if (operation.body.required) throw refusal(`a ${method} cannot be sent with its request body.`);
  return { ...operation, body: undefined };
}

async function call<Context>(
  frame: Frame,
  given: Readonly<Record<string, unknown>>,
  { making, scope }: { readonly making: Making<Context>; readonly scope: CallScope<Context> },
): Promise<string> {
  const { met, headers, idempotencyHeader, maxResultChars } = making;
  const { method } = frame.found;
  const isRead = effectOf(method) === 'read';
  const own =
    idempotencyHeader === undefined || isRead
      ? headers
      : [...headers, [idempotencyHeader, scope.idempotencyKey] as const];
  // Before any credential is asked for: a call that cannot be placed needs none.
  makeRequest(frame, given, { headers: [], placed: [] });
  const placed = [];
  for (const scheme of met) placed.push(await place(scheme, scope));
  scope.signal.throwIfAborted();
  return send(makeRequest(frame, given, { headers: own, placed }), {
    title: titleOf(frame.found),
    mayRedirect: isRead,
    maxResultChars,
    secrets: [...placed.flatMap(({ secrets }) => secrets), ...secretValues(headers)],
    signal: scope.signal,
  });
}

function titleOf({ method, path }: FoundOperation): string {
  return `${method} ${cleaned(path, 300)}`;
}

function effectOf(method: string): Effect {
  if (method === 'GET' || method === 'HEAD') return 'read';
  return method === 'DELETE' ? 'destructive' : 'write';
}

function describe(found: FoundOperation): string {
  const { description } = found.node;
  const parts = [found.summary, typeof description === 'string' ? description : undefined];
  const said = [...new Set(parts)].filter((part) => part !== undefined && part.trim() !== '');
  const words = cleaned(said.join('\n'), 1_000);
  const old = found.deprecated ? ' (deprecated)' : '';
  return `${words}${words === '' ? '' : '\n'}${titleOf(found)}${old}`;
}
