import type { Client, StandardSchemaV1, Tool } from '@modelcontextprotocol/client';

const mostPages = 64;
const mostTools = 512;
const mostChars = 2_000_000;

/** A tool as a server describes it, and the text of that: two offers of one text are the same tool. */
export interface Offer {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: Tool['inputSchema'];
  readonly annotations?:
    | { readonly readOnlyHint?: unknown; readonly destructiveHint?: unknown }
    | undefined;
  /** Whether the server refuses to run it as an ordinary call. */
  readonly needsTask: boolean;
  readonly text: string;
}

/**
 * The tools of a server, over as many pages as it has, within bounds. The library would read them all and refuse the whole
 * list for one tool that is not well formed; here each is looked at by itself.
 */
export async function listTools(
  client: Client,
  signal: AbortSignal,
  warn: (words: string) => void,
): Promise<readonly Offer[]> {
  const offers = new Map<string, Offer>();
  const odd = { unusable: 0, doubled: 0, over: 0 };
  let chars = 0;
  let cursor: unknown;
  for (let page = 1; page <= mostPages && odd.over === 0; page++) {
    const params = typeof cursor === 'string' ? { cursor } : {};
    const answer = await client.request({ method: 'tools/list', params }, anything, { signal });
    const { tools, nextCursor } = answer as { tools?: unknown; nextCursor?: unknown };
    for (const tool of Array.isArray(tools) ? tools : []) {
      const offer = toOffer(tool);
      chars += offer?.text.length ?? 0;
      if (offer === undefined) odd.unusable++;
      else if (offers.has(offer.name)) odd.doubled++;
      else if (offers.size < mostTools && chars <= mostChars) offers.set(offer.name, offer);
      else odd.over++;
    }
    cursor = nextCursor;
    if (typeof cursor !== 'string' || cursor === '') break;
  }
  const { unusable, doubled, over } = odd;
  if (unusable > 0)
    warn(`offers ${unusable} tools without a usable name or input schema; left out.`);
  if (doubled > 0) warn(`offers ${doubled} tools under a name that another one has; left out.`);
  if (over > 0 || (typeof cursor === 'string' && cursor !== '')) {
    warn(`offers more tools than are read (${offers.size}); the others are left out.`);
  }
  return [...offers.values()];
}

const anything: StandardSchemaV1<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'throughline', validate: (value) => ({ value }) },
};

function toOffer(tool: unknown): Offer | undefined {
  if (typeof tool !== 'object' || tool === null) return undefined;
  const { name, title, description, inputSchema, annotations, execution } = tool as Readonly<
    Record<string, unknown>
  >;
  if (
    typeof name !== 'string' ||
    name === '' ||
    typeof inputSchema !== 'object' ||
    inputSchema === null
  )
    return undefined;
  const own = {
    name,
    title: word(title),
    description: word(description),
    inputSchema,
    annotations,
  };
  const { taskSupport } = (execution ?? {}) as { taskSupport?: unknown };
  const text = asText([own, execution]);
  if (text === undefined) return undefined;
  return { ...own, needsTask: taskSupport === 'required', text } as Offer;
}

/** Undefined for what is nested deeper than can be written. */
function asText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
