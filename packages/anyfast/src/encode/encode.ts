// encode/ owns the bytes of a request: messages, tools, names, fields, and a history mended for a host that refuses it. It does
// not own what a tool schema may say (schema/), or sending and retry (http/).

import { ModelError, ThroughlineError } from '@throughline/core';
import type { JsonSchema, ModelRequest } from '@throughline/core';
import type { Thinking } from '../options/options.ts';
import type { EncodeSettings } from '../options/settings.ts';
import { compileSchema } from '../schema/compile.ts';
import { isObject } from '../wire/json.ts';
import { joined, toBytes } from './utf8.ts';
import { MessageWriter } from './messages.ts';
import { Names } from './names.ts';
import { ToolWriter } from './tools.ts';
import type { ToolList } from './tools.ts';

/** A request ready to be sent, as often as need be. */
export interface Encoded {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly tools: ToolList;
  readonly callsAllowed: boolean;
  /** Whether the model is asked to think. */
  readonly thinks: boolean;
  /** What was left out; told once for each list of tools, not with every step. */
  readonly warnings: readonly string[];
}

/** What the beginning of a request is made of, beside the settings. */
interface Head {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly tools: ToolList;
  readonly thinking: Thinking;
}

const none: Readonly<Record<string, unknown>> = {};
const ended = toBytes(']}');

/** What `request.parameters` cannot replace, because the rest of the request depends on it. */
const ours = ['messages', 'tools'];

/**
 * Writes requests of one model. What stays the same from step to step comes first, then the messages, then what
 * belongs to one step, so that each request begins with the bytes of the one before.
 */
export class Encoder {
  readonly names = new Names();
  readonly #settings: EncodeSettings;
  readonly #messages: MessageWriter;
  readonly #tools: ToolWriter;
  readonly #told = new WeakSet<ToolList>();
  /** Those of the settings, ready to be sent. */
  #fields: EncodeSettings['fields'] | undefined;
  /** The beginning for each list of tools: many runs of one agent send the same, and agents of one model take turns. */
  readonly #starts = new WeakMap<
    ToolList,
    Omit<Head, 'parameters' | 'tools'> & { readonly bytes: Uint8Array }
  >();

  constructor(settings: EncodeSettings) {
    const { thinking } = settings;
    this.#settings = settings;
    this.#messages = new MessageWriter(
      this.names,
      thinking.type === 'enabled' && thinking.keep === 'all',
    );
    if (settings.reasoningKey !== undefined) this.#messages.useOneKey();
    this.#tools = new ToolWriter(this.names);
  }

  /**
   * Compiles the schemas that a request needs and an earlier one did not; to be waited for before it is encoded. Undefined
   * where there are none. Rejects with `invalid_schema` for a response format that cannot be sent.
   */
  prepare({ tools }: ModelRequest): Promise<unknown> | undefined {
    if (this.#fields !== undefined) return this.#tools.prepare(tools);
    const preparing = async (): Promise<void> => {
      this.#fields = await toFields(this.#settings.fields);
    };
    return Promise.all([preparing(), this.#tools.prepare(tools)]);
  }

  /** Throws `invalid_option` for parameters that cannot be passed, and `invalid_request` for a choice of a tool that is not sent. */
  encode(request: ModelRequest): Encoded {
    const { parameters = none } = request;
    const refused = ours.find((key) => key in parameters);
    if (refused !== undefined) {
      const told = `request.parameters cannot carry "${refused}": it is a field of the request itself.`;
      throw new ThroughlineError('invalid_option', told);
    }
    const tools = this.#tools.list(request.tools);
    const choice = this.#choice(request.toolChoice, tools);
    const thinking = this.#thinking(request, choice !== undefined && choice !== 'none');
    const start = this.#start({ parameters, tools, thinking });
    const end =
      parameters === none && choice === undefined ? ended : toBytes(endOf(choice, parameters));
    const body = joined(start, this.#messages.elements(request.messages), end);
    const warnings = this.#told.has(tools) ? [] : tools.warnings;
    this.#told.add(tools);
    const asked = parameters['thinking'] ?? thinking;
    const thinks = !isObject(asked) || asked['type'] !== 'disabled';
    return { body, tools, callsAllowed: choice !== 'none', thinks, warnings };
  }

  /** All before the messages; nearly always the very bytes of the request before. */
  #start(head: Head): Uint8Array {
    const { parameters, tools, thinking } = head;
    if (parameters !== none) return this.#write(head);
    const last = this.#starts.get(tools);
    if (last?.thinking === thinking) return last.bytes;
    const bytes = this.#write(head);
    this.#starts.set(tools, { thinking, bytes });
    return bytes;
  }

  #write({ parameters, tools, thinking }: Head): Uint8Array {
    const { model, stream, omit } = this.#settings;
    const streamed = parameters['stream'] ?? stream;
    const options = streamed === true ? { include_usage: true } : undefined;
    const head = { model, thinking, ...this.#fields, stream: streamed, stream_options: options };
    const kept = Object.entries(head).filter(
      ([key]) => !omit.includes(key) && (!(key in parameters) || key === 'stream'),
    );
    const json = JSON.stringify(Object.fromEntries(kept)).slice(0, -1);
    return toBytes(`${json}${tools.json === '' ? '' : `,"tools":${tools.json}`},"messages":[`);
  }

  /** See `MessageWriter.useOneKey`. */
  useOneReasoningKey(): boolean {
    return this.#messages.useOneKey();
  }

  /** Without a choice the endpoint lets the model decide, so `auto` need not be said. */
  #choice(asked: ModelRequest['toolChoice'], tools: ToolList): unknown {
    if (typeof asked === 'string')
      return asked === 'none' && tools.json !== '' ? 'none' : undefined;
    const name = this.names.toWire(asked.name);
    if (tools.wireNames.includes(name)) return { type: 'function', function: { name } };
    throw new ModelError(
      'invalid_request',
      `toolChoice names the tool "${asked.name}", which is not among the tools of this request.`,
    );
  }

  /** A named choice and thinking exclude each other at the endpoint (Moonshot's documentation of tool_choice): the choice wins. */
  #thinking({ thinking }: ModelRequest, named: boolean): Thinking {
    const own = this.#settings.thinking;
    if (named || thinking === false) return { type: 'disabled' };
    return thinking === true && own.type === 'disabled' ? { type: 'enabled', keep: 'all' } : own;
  }
}

/** The schema of a response format is compiled like a tool's. */
async function toFields(fields: EncodeSettings['fields']): Promise<EncodeSettings['fields']> {
  const { response_format: format } = fields;
  if (!isObject(format) || !isObject(format['json_schema'])) return fields;
  const { json_schema: asked } = format;
  const { schema } = await compileSchema(asked['schema'] as JsonSchema);
  return { ...fields, response_format: { ...format, json_schema: { ...asked, schema } } };
}

/** The end of the messages and of the request: what belongs to one step, each field after a comma. */
function endOf(choice: unknown, parameters: Readonly<Record<string, unknown>>): string {
  const { stream: _, ...own } = parameters;
  const fields = { ...(choice === undefined ? {} : { tool_choice: choice }), ...own };
  const json = JSON.stringify(fields).slice(1, -1);
  return json === '' ? ']}' : `],${json}}`;
}
