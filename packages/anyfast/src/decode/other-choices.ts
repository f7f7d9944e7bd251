import { isObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';
import { ResponseProblemError } from '../wire/response-problem.ts';

/** What is known of the choice that is the answer. */
export interface MainChoice {
  readonly text: string;
  readonly makesCalls: boolean;
  readonly saysNothing: boolean;
}

/** What becomes of the choices beside the answer. */
export interface Adopted {
  /** Their pieces that belong to the answer. */
  readonly choices: readonly JsonObject[];
  /** Something was left out that is no call. */
  readonly leftOut: boolean;
  /** Calls came in more than one choice, or in one that is another answer: it cannot be told which are meant. */
  readonly isUnclear: boolean;
}

/**
 * The choices of an answer beside the one that counts. Only one is asked for, so a second one is either a part of the
 * answer (some gateways put the text into one choice and the calls into the next) or another answer.
 */
export class OtherChoices {
  readonly #pieces = new Map<number, JsonObject[]>();
  #size = 0;
  readonly #longest: number;

  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Keeps a copy: the parsed frame is used again for the next one. Throws `ResponseProblemError` where there is too much. */
  add(index: number, choice: JsonObject): void {
    this.#size += JSON.stringify(choice).length;
    if (this.#size > this.#longest)
      throw new ResponseProblemError({ kind: 'too long', longest: this.#longest });
    const delta = choice['delta'];
    const copy = isObject(delta) ? { ...choice, delta: { ...delta } } : choice;
    const pieces = this.#pieces.get(index);
    if (pieces === undefined) this.#pieces.set(index, [copy]);
    else pieces.push(copy);
  }

  /** Once everything has come. */
  settle(main: MainChoice): Adopted {
    const speaking = [...this.#pieces.values()].filter((pieces) => says(pieces).something);
    const [only] = speaking;
    const withCalls = speaking.some((pieces) => says(pieces).calls);
    if (only === undefined) return { choices: [], leftOut: false, isUnclear: false };
    if (speaking.length === 1 && main.saysNothing) {
      return { choices: only, leftOut: false, isUnclear: false };
    }
    const { text } = says(only);
    const isPart = speaking.length === 1 && !main.makesCalls && (text === '' || text === main.text);
    if (withCalls && isPart) {
      return { choices: only.map(withoutText), leftOut: false, isUnclear: false };
    }
    return { choices: [], leftOut: true, isUnclear: withCalls };
  }
}

function says(pieces: readonly JsonObject[]) {
  let text = '';
  let calls = false;
  let thoughts = false;
  for (const piece of pieces) {
    const said = isObject(piece['delta']) ? piece['delta'] : piece['message'];
    if (!isObject(said)) continue;
    if (typeof said['content'] === 'string') text += said['content'];
    else if (Array.isArray(said['content'])) text += JSON.stringify(said['content']);
    calls ||= Array.isArray(said['tool_calls']) && said['tool_calls'].length > 0;
    calls ||= isObject(said['function_call']);
    thoughts ||= Boolean(said['reasoning_content'] ?? said['reasoning']);
  }
  return { text, calls, something: text !== '' || calls || thoughts };
}

function withoutText(piece: JsonObject): JsonObject {
  const { delta, message, ...rest } = piece;
  const strip = (said: unknown) => (isObject(said) ? { ...said, content: null } : said);
  return {
    ...rest,
    ...(delta === undefined ? {} : { delta: strip(delta) }),
    ...(message === undefined ? {} : { message: strip(message) }),
  };
}
