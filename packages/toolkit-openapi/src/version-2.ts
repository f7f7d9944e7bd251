import { listOf, textOf } from './document.ts';
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
import { chooseType } from './version-3.ts';

/** Reads an operation of Swagger 2.0: its `body` and `formData` parameters become the request body. */
export function readVersion2(root: JsonObject, found: FoundOperation): Operation {
  const nodes = parameterNodes(root, found);
  const consumes = listOf(found.node['consumes'] ?? root['consumes']).map(String);
  const body = nodes.find((node) => node['in'] === 'body');
  const form = nodes.filter((node) => node['in'] === 'formData');
  const rest = nodes.filter((node) => node['in'] !== 'body' && node['in'] !== 'formData');
  return {
    parameters: rest.map(parameter),
    body: body !== undefined ? bodyOf(body, consumes) : formOf(form, consumes),
  };
}

function parameter(node: JsonObject): Parameter {
  const name = String(node['name']);
  const place = String(node['in']);
  if (!['path', 'query', 'header'].includes(place)) {
    throw refusal(
      `its parameter ${shown(name)} stands in ${shown(place)}, which is not supported.`,
    );
  }
  return {
    name,
    in: place as Location,
    required: node['required'] === true || place === 'path',
    schema: schemaOf(node),
    description: textOf(node, 'description'),
    ...(place === 'query' ? queryStyle(node) : { style: 'simple', explode: false }),
  };
}

/** What stands beside these keys is the schema of the value. */
const notSchema = ['name', 'in', 'required', 'description', 'collectionFormat', 'allowEmptyValue'];

function schemaOf(node: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(node).filter(([key]) => !notSchema.includes(key)));
}

const styleOf: Readonly<Record<string, Style>> = {
  ssv: 'spaceDelimited',
  pipes: 'pipeDelimited',
  tsv: 'tabDelimited',
};

function queryStyle(node: JsonObject): { readonly style: Style; readonly explode: boolean } {
  const format = String(node['collectionFormat'] ?? 'csv');
  return { style: styleOf[format] ?? 'form', explode: format === 'multi' };
}

function bodyOf(node: JsonObject, consumes: readonly string[]): RequestBody {
  const types = consumes.length === 0 ? ['application/json'] : consumes;
  const { contentType, kind } = chooseType(types);
  return {
    kind,
    contentType,
    required: node['required'] === true,
    schema: node['schema'] ?? {},
    description: textOf(node, 'description'),
    encoding: new Map(),
  };
}

const formType = 'application/x-www-form-urlencoded';

function formOf(
  nodes: readonly JsonObject[],
  consumes: readonly string[],
): RequestBody | undefined {
  if (nodes.length === 0) return undefined;
  const isForm = consumes.some((type) => type.startsWith(formType));
  const isMultipart = !isForm && consumes.some((type) => type.startsWith('multipart/'));
  // Refuses it, in the words of every other type that cannot be sent.
  if (isMultipart || nodes.some((node) => node['type'] === 'file'))
    chooseType(['multipart/form-data']);
  const required = nodes.filter((node) => node['required'] === true).map((node) => node['name']);
  const members = nodes.map((node) => {
    const description = textOf(node, 'description');
    const own = description === undefined ? {} : { description };
    return [String(node['name']), { ...schemaOf(node), ...own }] as const;
  });
  return {
    kind: 'form',
    contentType: formType,
    required: required.length > 0,
    description: undefined,
    schema: {
      type: 'object',
      properties: Object.fromEntries(members),
      ...(required.length === 0 ? {} : { required }),
    },
    encoding: new Map(nodes.map((node) => [String(node['name']), queryStyle(node)])),
  };
}
