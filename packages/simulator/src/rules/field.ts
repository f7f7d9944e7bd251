import { isObject, type JsonObject } from '../wire/json.ts';

const contextTokens = 262_144;

/** Checks the top-level fields of a request by Moonshot's rules; the reason of the first breach. */
export function checkFields(body: JsonObject, promptTokens: number): string | undefined {
  return (
    checkThinking(body['thinking']) ??
    checkFixed(body) ??
    checkBudget(body, promptTokens) ??
    checkStop(body['stop']) ??
    checkStream(body)
  );
}

function checkThinking(thinking: unknown): string | undefined {
  if (thinking === undefined) return undefined;
  if (!isObject(thinking)) return 'Invalid request: thinking must be an object';
  const { type, keep = null, ...rest } = thinking;
  if (type !== 'enabled' && type !== 'disabled') {
    return "Invalid request: thinking.type must be 'enabled' or 'disabled'";
  }
  if (keep !== null && keep !== 'all')
    return "Invalid request: thinking.keep must be null or 'all'";
  const [unknown] = Object.keys(rest);
  return unknown && `Invalid request: thinking has an unknown field '${unknown}'`;
}

function checkFixed(body: JsonObject): string | undefined {
  const thinking = body['thinking'];
  const off = isObject(thinking) && thinking['type'] === 'disabled';
  const fixed = {
    temperature: off ? 0.6 : 1,
    top_p: 0.95,
    n: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
  };
  for (const [name, only] of Object.entries(fixed)) {
    const given = body[name];
    if (given === undefined || given === null || given === only) continue;
    return `invalid ${name}: only ${only} is allowed for this model`;
  }
  return undefined;
}

function checkBudget(body: JsonObject, promptTokens: number): string | undefined {
  const budget = body['max_completion_tokens'] ?? 0;
  if (body['max_completion_tokens'] !== undefined) {
    if (!Number.isInteger(budget) || Number(budget) < 1) {
      return 'Invalid request: max_completion_tokens must be an integer of at least 1';
    }
  }
  const requested = promptTokens + Number(budget);
  if (requested <= contextTokens) return undefined;
  const limit = `Your request exceeded model token limit: ${contextTokens}`;
  return `Invalid request: ${limit} (requested: ${requested})`;
}

function checkStop(stop: unknown): string | undefined {
  if (stop === undefined || stop === null) return undefined;
  const entries: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  if (entries.length > 5) return 'Invalid request: stop must have at most 5 entries';
  for (const entry of entries) {
    if (typeof entry !== 'string') return 'Invalid request: stop must be a string or strings';
    if (Buffer.byteLength(entry) > 32) {
      return 'Invalid request: an entry of stop must have at most 32 bytes';
    }
  }
  return undefined;
}

function checkStream(body: JsonObject): string | undefined {
  const { stream, stream_options: options } = body;
  if (stream !== undefined && typeof stream !== 'boolean') {
    return 'Invalid request: stream must be a boolean';
  }
  if (options === undefined || options === null) return undefined;
  if (stream !== true) return 'Invalid request: stream_options is only allowed when stream is true';
  if (!isObject(options)) return 'Invalid request: stream_options must be an object';
  const include = options['include_usage'];
  if (include === undefined || typeof include === 'boolean') return undefined;
  return 'Invalid request: stream_options.include_usage must be a boolean';
}
