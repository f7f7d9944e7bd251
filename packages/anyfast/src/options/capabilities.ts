import { isObject } from '../wire/json.ts';
import { refuse } from './check.ts';
import type { Thinking } from './options.ts';
import { toThinking } from './thinking.ts';

/** What an endpoint wants otherwise than this transport does by default. */
export interface EndpointUse {
  /** It cannot stream, or counts tokens in whole answers only. */
  readonly stream?: false;
  /** What it takes of thinking. */
  readonly thinking?: Thinking;
  /** It takes thoughts back under this key alone, though it sends them otherwise. */
  readonly reasoningKey?: 'reasoning_content';
  /** Fields that it refuses. */
  readonly omit?: readonly OmittedField[];
}

/** A field that is sent by default and that an endpoint may refuse. */
export type OmittedField = 'thinking' | 'stream_options';

/** What `throughline doctor --write` says of one model at one endpoint, as far as the transport reads it. */
export interface Capabilities {
  readonly version: 1;
  readonly baseURL: string;
  readonly model: string;
  readonly use: EndpointUse;
}

const again = 'write the file again: throughline doctor --write FILE';

/** What the file says about this model; nothing where there is no file. Throws `invalid_option` for a file that is none, or of another model. */
export function endpointUse(model: string, file: unknown): EndpointUse {
  if (file === undefined) return {};
  if (!isObject(file)) return refuse('capabilities', file, 'the parsed file of the doctor');
  const { version, model: about, use } = file;
  if (version !== 1) refuse('capabilities.version', version, `1; ${again}`);
  if (about !== model) refuse('capabilities.model', about, `"${model}", the model; ${again}`);
  if (!isObject(use)) return refuse('capabilities.use', use, `an object; ${again}`);
  const odd = Object.keys(use).find((name) => !Object.hasOwn(checks, name));
  if (odd !== undefined)
    refuse('capabilities.use', use, `without "${odd}", which this version does not know`);
  for (const [name, check] of Object.entries(checks)) {
    if (use[name] !== undefined) check(`capabilities.use.${name}`, use[name]);
  }
  return use;
}

/** Throws `invalid_option` where the file tells of another endpoint than the one that is asked. */
export function checkPlace(file: unknown, baseURL: string): void {
  if (!isObject(file)) return;
  const { baseURL: about } = file;
  const isSame = typeof about === 'string' && about.replace(/\/+$/, '') === baseURL;
  if (!isSame) refuse('capabilities.baseURL', about, `"${baseURL}", the base URL; ${again}`);
}

const omitted: readonly unknown[] = ['thinking', 'stream_options'] satisfies OmittedField[];

const checks: Readonly<Record<keyof EndpointUse, (option: string, value: unknown) => void>> = {
  stream(option, value) {
    if (value !== false) refuse(option, value, 'false');
  },
  thinking: toThinking,
  reasoningKey(option, value) {
    if (value !== 'reasoning_content') refuse(option, value, '"reasoning_content"');
  },
  omit(option, value) {
    const isList = Array.isArray(value) && value.every((name) => omitted.includes(name));
    if (!isList) refuse(option, value, 'a list of "thinking" and "stream_options"');
  },
};
