import type { RecordedRequest } from './exchange.ts';

/** How a request finds its recording: by its whole body, or by the roles and the called tools of its messages. */
export type CassetteMatch = 'body' | 'shape';

/**
 * The same for two requests that ask the same: the order of keys and white space in the JSON do not count, nor how long a secret was that is
 * struck out.
 */
export function canonical({ method, path, body }: RecordedRequest): string {
  const asked = `${method} ${path}\n${JSON.stringify(sorted(parsed(body)))}`;
  return asked.replace(/\*{4,}/g, '****');
}

/** The same for two requests of one shape: who spoke in which order, and which tools were called. */
export function shapeOf({ method, path, body }: RecordedRequest): string {
  const value = parsed(body);
  const messages = isObject(value) ? value['messages'] : undefined;
  if (!Array.isArray(messages)) return canonical({ method, path, body });
  return `${method} ${path}\n${JSON.stringify(messages.map(shapeOfMessage))}`;
}

/** The tools that were offered in `recorded` and are not in `asked`: calls of them would not run. */
export function toolsGone(recorded: RecordedRequest, asked: RecordedRequest): readonly string[] {
  const offered = new Set(toolsOf(asked));
  return toolsOf(recorded).filter((name) => !offered.has(name));
}

function toolsOf({ body }: RecordedRequest): readonly string[] {
  const value = parsed(body);
  const tools = isObject(value) ? value['tools'] : undefined;
  return Array.isArray(tools) ? tools.map((tool) => String(calledTool(tool))) : [];
}

/** The body as JSON, or as a text where it is none. */
export function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shapeOfMessage(message: unknown): unknown {
  if (!isObject(message)) return typeof message;
  const { role, tool_calls: calls } = message;
  return [role, Array.isArray(calls) ? calls.map(calledTool) : []];
}

function calledTool(call: unknown): unknown {
  const called = isObject(call) ? call['function'] : undefined;
  return isObject(called) ? called['name'] : undefined;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]));
}
