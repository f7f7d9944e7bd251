import { follow, isObject, textOf } from './document.ts';
import type { JsonObject } from './document.ts';
import { parameterNodes } from './operation.ts';
import type {
  FoundOperation,
  Location,
  Operation,
  Parameter,
  RequestBody,
  Style,
} from './operation.ts';
import { refusal, shown } from './trouble.ts';

/** Reads an operation of OpenAPI 3.0, 3.1 or 3.2. */
export function readVersion3(root: JsonObject, found: FoundOperation): Operation {
  const parameters = parameterNodes(root, found).map((node) => parameter(root, node));
  const body = found.node['requestBody'];
  return { parameters, body: body === undefined ? undefined : requestBody(root, body) };
}

const stylesOf: Readonly<Record<Location, readonly Style[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
};

function parameter(root: JsonObject, node: JsonObject): Parameter {
  const name = String(node['name']);
  const place = node['in'];
  if (typeof place !== 'string' || !Object.hasOwn(stylesOf, place)) {
    throw refusal(
      `its parameter ${shown(name)} stands in ${shown(place)}, which is not supported.`,
    );
  }
  const location = place as Location;
  const shared = {
    name,
    in: location,
    required: node['required'] === true || location === 'path',
    description: textOf(node, 'description'),
  };
  const { content } = node;
  if (isObject(content)) {
    const [type = '', media] = Object.entries(content)[0] ?? [];
    const described = follow(root, media);
    if (!isJson(type) || !isObject(described)) {
      throw refusal(`its parameter ${shown(name)} is written as ${shown(type)}, not as JSON.`);
    }
    return { ...shared, schema: described['schema'] ?? {}, style: 'json', explode: false };
  }
  const styles = stylesOf[location];
  const style = (node['style'] ?? styles[0]) as Style;
  if (!styles.includes(style) && !(location === 'cookie' && String(style) === 'cookie')) {
    throw refusal(
      `its parameter ${shown(name)} has the style ${shown(style)}, which is not known.`,
    );
  }
  const explode = node['explode'] ?? style === 'form';
  return { ...shared, schema: node['schema'] ?? {}, style, explode: explode === true };
}

function requestBody(root: JsonObject, given: unknown): RequestBody {
  const node = follow(root, given);
  const content = isObject(node) ? node['content'] : undefined;
  if (!isObject(node) || !isObject(content)) throw refusal('its request body has no content.');
  const chosen = chooseType(Object.keys(content));
  const media = follow(root, content[chosen.key]);
  const described: JsonObject = isObject(media) ? media : {};
  return {
    kind: chosen.kind,
    contentType: chosen.contentType,
    required: node['required'] === true,
    description: textOf(node, 'description'),
    schema: described['schema'] ?? (chosen.kind === 'text' ? { type: 'string' } : {}),
    encoding: encodingOf(described['encoding']),
  };
}

/** The content type that is sent: JSON before a form before plain text. Throws where there is none of them. */
export function chooseType(types: readonly string[]): {
  readonly key: string;
  readonly contentType: string;
  readonly kind: RequestBody['kind'];
} {
  const bare = (type: string) => type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const json = types.find((type) => isJson(type) && bare(type) === 'application/json');
  const like = json ?? types.find(isJson) ?? types.find((type) => bare(type) === '*/*');
  if (like !== undefined) {
    const contentType = bare(like).includes('*') ? 'application/json' : bare(like);
    return { key: like, contentType, kind: 'json' };
  }
  const form = types.find((type) => bare(type) === 'application/x-www-form-urlencoded');
  if (form !== undefined) return { key: form, contentType: bare(form), kind: 'form' };
  const text = types.find((type) => /^text[/](plain|markdown|csv|html)$/.test(bare(type)));
  if (text !== undefined)
    return { key: text, contentType: `${bare(text)}; charset=utf-8`, kind: 'text' };
  throw refusal(
    `its request body is ${types.map(shown).join(' or ') || 'of no type'}; JSON, forms and text can be sent.`,
  );
}

function isJson(type: string): boolean {
  return /^application[/]([\w.+-]+[+])?json$/.test(
    type.split(';', 1)[0]?.trim().toLowerCase() ?? '',
  );
}

function encodingOf(given: unknown): RequestBody['encoding'] {
  const encoding = new Map<string, { style: Style; explode: boolean }>();
  if (!isObject(given)) return encoding;
  for (const [name, node] of Object.entries(given)) {
    if (!isObject(node)) continue;
    const { style, explode, contentType } = node;
    if (typeof style === 'string' && (stylesOf.query as readonly string[]).includes(style)) {
      const isExploded = (explode ?? style === 'form') === true;
      encoding.set(name, { style: style as Style, explode: isExploded });
    } else if (typeof contentType === 'string' && isJson(contentType)) {
      encoding.set(name, { style: 'json', explode: false });
    } else if (typeof explode === 'boolean') encoding.set(name, { style: 'form', explode });
  }
  return encoding;
}
