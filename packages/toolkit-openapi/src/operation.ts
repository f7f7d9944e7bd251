import { follow, isObject, listOf, textOf } from './document.ts';
import type { Description, JsonObject } from './document.ts';
import { refusal, shown } from './trouble.ts';

/** What the host's filter is told of an operation. */
export interface OperationFacts {
  /** The `operationId`. */
  readonly id: string | undefined;
  /** In capitals. */
  readonly method: string;
  /** As the document writes it, with `{names}`. */
  readonly path: string;
  readonly tags: readonly string[];
  readonly summary: string | undefined;
  readonly deprecated: boolean;
}

/** An operation as it stands in the document. What is in it is read only once it is chosen. */
export interface FoundOperation extends OperationFacts {
  readonly node: JsonObject;
  readonly pathItem: JsonObject;
}

export type Location = 'path' | 'query' | 'header' | 'cookie';

/** How a value is written: the styles of OpenAPI, and the tabs of 2.0. */
export type Style =
  | 'simple'
  | 'label'
  | 'matrix'
  | 'form'
  | 'spaceDelimited'
  | 'pipeDelimited'
  | 'tabDelimited'
  | 'deepObject'
  | 'json';

/** Something that is placed in the path, the query, a header or a cookie. */
export interface Parameter {
  readonly name: string;
  readonly in: Location;
  readonly required: boolean;
  readonly schema: unknown;
  readonly description: string | undefined;
  readonly style: Style;
  readonly explode: boolean;
}

/** What is sent as the request's content. */
export interface RequestBody {
  readonly kind: 'json' | 'form' | 'text';
  readonly contentType: string;
  readonly required: boolean;
  readonly schema: unknown;
  readonly description: string | undefined;
  /** Of a form: how its members are written, where the document says so. */
  readonly encoding: ReadonlyMap<string, { readonly style: Style; readonly explode: boolean }>;
}

/** The same for every version of OpenAPI. */
export interface Operation {
  readonly parameters: readonly Parameter[];
  readonly body: RequestBody | undefined;
}

const methods = ['get', 'head', 'query', 'post', 'put', 'patch', 'delete', 'options'];

/** All operations of a document, in its order. An item that is no object is passed over, with a warning. */
export function findOperations(
  { root }: Description,
  warn: (message: string) => void,
): readonly FoundOperation[] {
  const paths = isObject(root['paths']) ? root['paths'] : {};
  return Object.entries(paths).flatMap(([path, given]) => {
    if (!path.startsWith('/')) return [];
    try {
      const pathItem = follow(root, given);
      if (!isObject(pathItem)) throw refusal('it is not an object.');
      return operationsOf(path, pathItem);
    } catch (error) {
      warn(`The path ${shown(path)} is left out: ${wordsOf(error)}`);
      return [];
    }
  });
}

function operationsOf(path: string, pathItem: JsonObject): readonly FoundOperation[] {
  const own = methods.map((method) => [method, pathItem[method]] as const);
  const more = isObject(pathItem['additionalOperations'])
    ? Object.entries(pathItem['additionalOperations']).filter(([name]) => isOwnMethod(name))
    : [];
  return [...own, ...more].flatMap(([method, node]) => {
    if (!isObject(node)) return [];
    const found: FoundOperation = {
      id: textOf(node, 'operationId'),
      method: method.toUpperCase(),
      path,
      tags: listOf(node['tags']).map(String),
      summary: textOf(node, 'summary'),
      deprecated: node['deprecated'] === true,
      node,
      pathItem,
    };
    return [found];
  });
}

/** CONNECT and TRACE are for proxies; a method that stands beside it must not be doubled. */
function isOwnMethod(name: string): boolean {
  const isToken = /^[A-Za-z][A-Za-z-]{0,30}$/.test(name);
  return isToken && ![...methods, 'connect', 'trace', 'track'].includes(name.toLowerCase());
}

/** The parameters of an operation and of its path, references followed; one of the operation replaces its twin. */
export function parameterNodes(root: JsonObject, found: FoundOperation): readonly JsonObject[] {
  const nodes = new Map<string, JsonObject>();
  for (const given of [
    ...listOf(found.pathItem['parameters']),
    ...listOf(found.node['parameters']),
  ]) {
    const node = follow(root, given);
    if (!isObject(node) || typeof node['name'] !== 'string') {
      throw refusal(`among its parameters stands ${shown(node)}, which has no name.`);
    }
    nodes.set(`${String(node['in'])} ${node['name']}`, node);
  }
  return [...nodes.values()];
}

export function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.replace(/^openapi: /, '');
}
