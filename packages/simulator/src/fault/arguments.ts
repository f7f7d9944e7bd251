import { isObject, parseJson } from '../wire/json.ts';
import { faultList, type Fault, type Need } from './fault.ts';
import type { Source } from './source.ts';

/** Arguments that are not the JSON text of an object. Status 200, finish reason tool_calls. */
export const argumentFaults = faultList([
  change(
    'arguments-broken-quotes',
    'malformed-arguments',
    'JSON inside a string whose quotes are not escaped.',
    (text) => `{"input": "${text}"}`,
  ),
  change('arguments-missing-quote', 'malformed-arguments', 'The last quote is missing.', (text) =>
    text.replace(/"([^"]*)$/, '$1'),
  ),
  change('arguments-truncated', 'malformed-arguments', 'The last third is missing.', (text) =>
    text.slice(0, Math.ceil((text.length * 2) / 3)),
  ),
  change(
    'arguments-control-characters',
    'malformed-arguments',
    'A raw line end and a raw tab inside a string.',
    (text) =>
      text.includes(':"') ? text.replace(':"', ':"\n\t') : text.replace('{', '{"note":"\n\t",'),
  ),
  change(
    'arguments-double-encoded',
    'double-encoding',
    'A JSON string that holds the JSON.',
    (text) => JSON.stringify(text),
  ),
  change(
    'arguments-object',
    'object-arguments',
    'An object instead of a text.',
    (text) => parseJson(text)?.value ?? text,
  ),
  change(
    'arguments-degenerate',
    'meaningless-values',
    'Values without meaning, like ":158", in place of the real ones.',
    degenerate,
  ),
  change(
    'arguments-empty',
    'empty-arguments',
    'An empty text, as for tools without arguments.',
    () => '',
    'calls',
  ),
  change(
    'arguments-null',
    'empty-arguments',
    'null, as for tools without arguments.',
    () => null,
    'calls',
  ),
  change(
    'arguments-absent',
    'empty-arguments',
    'No arguments at all, as for tools without arguments.',
    () => undefined,
    'calls',
  ),
]);

function change<const Name extends string>(
  name: Name,
  source: Source,
  about: string,
  ...[alter, need = 'arguments']: readonly [(text: string) => unknown, Need?]
): Fault<Name> {
  return {
    name,
    kind: 'answer',
    source,
    about: `Arguments of every call: ${about}`,
    needs: [need],
    answer: (answer) => ({
      ...answer,
      calls: answer.calls.map((call) => ({ ...call, arguments: alter(String(call.arguments)) })),
    }),
  };
}

function degenerate(text: string): string {
  const value = parseJson(text)?.value;
  if (!isObject(value)) return '":158"';
  const nothings = [':158', ': ', ''];
  const entries = Object.keys(value).map((key, at) => [key, nothings[at % nothings.length]]);
  return JSON.stringify(Object.fromEntries(entries));
}
