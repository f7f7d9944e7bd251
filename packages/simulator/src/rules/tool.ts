import { isObject, type JsonObject } from '../wire/json.ts';
import { callsOf } from './history.ts';
import type { SchemaBreach } from './schema-rule.ts';
import { checkParameters, checkSchema } from './schema.ts';

const toolName = /^[a-zA-Z_][a-zA-Z0-9-_]{2,63}$/;

/** Checks tools, tool choice and response format by Moonshot's rules. */
export function checkTools(body: JsonObject): string | undefined {
  return checkOffered(body) ?? checkChoice(body) ?? checkFormat(body);
}

function checkOffered(body: JsonObject): string | undefined {
  const { tools } = body;
  if (tools === undefined || tools === null) return undefined;
  if (!Array.isArray(tools)) return 'Invalid request: tools must be an array';
  if (tools.length > 128) return 'Invalid request: tools must have at most 128 items';
  const seen = new Set<string>();
  for (const tool of tools) {
    const reason = checkTool(tool, isThinkingOn(body), seen);
    if (reason) return reason;
  }
  return undefined;
}

function checkTool(tool: unknown, thinking: boolean, seen: Set<string>): string | undefined {
  if (!isObject(tool) || !isObject(tool['function'])) {
    return 'Invalid request: a tool must have a type and a function';
  }
  const { name, description, parameters, strict } = tool['function'];
  if (tool['type'] === 'builtin_function') {
    if (!thinking) return undefined;
    return `Invalid request: builtin_function ${String(name)} is incompatible with thinking enabled`;
  }
  if (tool['type'] !== 'function') {
    return `Invalid request: the type of a tool must be function, not ${String(tool['type'])}`;
  }
  if (typeof name !== 'string' || !toolName.test(name)) {
    return `Invalid request: function name ${String(name)} is invalid, must match ${toolName.source}`;
  }
  if (seen.has(name)) return `function name ${name} is duplicated`;
  seen.add(name);
  if (description !== undefined && typeof description !== 'string') {
    return `Invalid request: the description of function ${name} must be a string`;
  }
  if (strict !== undefined && typeof strict !== 'boolean') {
    return `Invalid request: strict of function ${name} must be a boolean`;
  }
  const breach = checkParameters(parameters);
  return breach && flavourText('tools.function.parameters', breach);
}

function flavourText(field: string, breach: SchemaBreach): string {
  const details = `<At path '${breach.path}': ${breach.reason}>`;
  return `Invalid request: ${field} is not a valid moonshot flavored json schema, details: ${details}`;
}

function checkChoice(body: JsonObject): string | undefined {
  const choice = body['tool_choice'];
  if (choice === undefined || choice === null || choice === 'auto' || choice === 'none') {
    return undefined;
  }
  const offered = Array.isArray(body['tools']) ? body['tools'].filter(isObject) : [];
  if (choice === 'required') {
    if (isThinkingOn(body)) {
      return "tool_choice 'required' is incompatible with thinking enabled";
    }
    return "Invalid request: tool_choice 'required' is not supported by this model";
  }
  const named = isObject(choice) && choice['type'] === 'function' ? choice['function'] : undefined;
  if (!isObject(named) || typeof named['name'] !== 'string') {
    return "Invalid request: tool_choice must be 'auto', 'none' or a named function";
  }
  if (isThinkingOn(body)) return "tool_choice 'specified' is incompatible with thinking enabled";
  if (offered.length === 0) return 'Invalid request: tool_choice needs tools';
  const names = offered.map(({ function: of }) => isObject(of) && of['name']);
  if (names.includes(named['name'])) return undefined;
  return `Invalid request: tool_choice names the function ${named['name']}, which is not in tools`;
}

function checkFormat(body: JsonObject): string | undefined {
  const format = body['response_format'];
  if (format === undefined || format === null) return undefined;
  if (!isObject(format)) return 'Invalid request: response_format must be an object';
  switch (format['type']) {
    case 'text':
      return undefined;
    case 'json_object':
      return endsPartial(body)
        ? 'Invalid request: partial is not allowed with response_format json_object'
        : undefined;
    case 'json_schema':
      return checkJsonSchema(format['json_schema']);
    default:
      return "Invalid request: response_format.type must be 'text', 'json_object' or 'json_schema'";
  }
}

function checkJsonSchema(given: unknown): string | undefined {
  if (!isObject(given) || typeof given['name'] !== 'string') {
    return 'Invalid request: response_format.json_schema must have a name and a schema';
  }
  if (!isObject(given['schema'])) {
    return 'Invalid request: the `response_format.json_schema.schema` field in the request (expected type dict[string,interface]) is illegal...';
  }
  const breach = checkSchema(given['schema']);
  return breach && flavourText('response_format.json_schema.schema', breach);
}

function endsPartial(body: JsonObject): boolean {
  const { messages } = body;
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  return isObject(last) && last['partial'] === true;
}

function isThinkingOn(body: JsonObject): boolean {
  const { thinking } = body;
  return !(isObject(thinking) && thinking['type'] === 'disabled');
}

/** Whether the history holds calls although the request offers no tools, so that a host leaks. */
export function leaksCalls(body: JsonObject): boolean {
  const { tools, messages } = body;
  if (Array.isArray(tools) && tools.length > 0) return false;
  if (!Array.isArray(messages)) return false;
  return messages.some((message) => isObject(message) && callsOf(message).length > 0);
}
