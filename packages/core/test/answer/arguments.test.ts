import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, readArguments } from '../../src/answer/arguments.ts';

/** Without what `json-loss.test.ts` is about. */
const object = fc
  .dictionary(fc.string(), fc.jsonValue())
  .filter((value) => !JSON.stringify(value).includes('__proto__'));

describe('arguments', () => {
  it('that are a JSON object are kept to the byte', () => {
    fc.assert(
      fc.property(object, fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(readArguments(text)).toEqual({ value: JSON.parse(text), text });
      }),
    );
  });

  it('that were cut are never completed', () => {
    fc.assert(
      fc.property(object, fc.nat(), (value, at) => {
        const text = JSON.stringify(value);
        const cut = text.slice(0, 1 + (at % (text.length - 1)));
        expect(readArguments(cut)).toHaveProperty('reason');
      }),
    );
  });

  it('that were cut inside a second encoding are never completed', () => {
    fc.assert(
      fc.property(object, fc.nat(), (value, at) => {
        const inner = JSON.stringify(value);
        const cut = inner.slice(0, 1 + (at % (inner.length - 1)));
        expect(readArguments(JSON.stringify(cut))).toHaveProperty('reason');
      }),
    );
  });

  it('with raw control characters are read as if these had been escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('\n', '\t', '\0', 'a', '"', '\\') }), (say) => {
        const raw = `{"say":"${say.replaceAll(/["\\]/g, String.raw`\$&`)}"}`;
        const read = readArguments(raw);
        expect('value' in read && read.value).toEqual({ say });
        expect('text' in read && JSON.parse(read.text)).toEqual({ say });
      }),
    );
  });

  it.each(['[1]', '"text"', '1', 'true', '{} {}', "{'a':1}", '{"a":1,}', '{"a":NaN}', '"null"'])(
    'that are %s are no object, and stay a doubt',
    (text) => {
      expect(readArguments(text)).toHaveProperty('reason');
    },
  );
});

describe('the same arguments', () => {
  it('are known again however their keys are ordered and spaced', () => {
    fc.assert(
      fc.property(object, fc.nat(3), (value, indent) => {
        const turned = Object.fromEntries(Object.entries(value).toReversed());
        const [a, b] = [JSON.stringify(value), JSON.stringify(turned, null, indent)];
        expect(canonical(a)).toBe(canonical(b));
      }),
    );
  });

  it.each([
    ['{"a":1}', '{"a":"1"}'],
    ['{"a":1e999}', '{"a":null}'],
    ['{"__proto__":1}', '{}'],
    ['{"a":[1,2]}', '{"a":[2,1]}'],
    ['{"a":', '{'],
  ])('are not %s and %s', (a, b) => {
    expect(canonical(a)).not.toBe(canonical(b));
  });
});
