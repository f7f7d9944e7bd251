import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonLoss } from '../../src/answer/json-loss.ts';

describe('JSON that JavaScript would misread', () => {
  it.each([
    ['{"eur":5,"eur":9999}', 'the key "eur" stands twice in one object'],
    ['{"a":{"b":1,"c":[],"b":2}}', 'the key "b" stands twice in one object'],
    [
      String.raw`{"eur":5,"\u0065ur":9999}`,
      String.raw`the key "\u0065ur" stands twice in one object`,
    ],
    ['{"a":[{"x":1},{"x":1,"x":1}]}', 'the key "x" stands twice in one object'],
    ['{"__proto__":{"isAdmin":true}}', 'the key "__proto__" is not allowed'],
    [String.raw`{"a":{"\u005f_proto__":1}}`, 'the key "__proto__" is not allowed'],
    [
      '{"id":2512292042121000001}',
      'the number 2512292042121000001 has too many digits to be held exactly',
    ],
    [
      '{"id":-9007199254740993}',
      'the number -9007199254740993 has too many digits to be held exactly',
    ],
    [
      '{"eur":90071992547409931.07}',
      'the number 90071992547409931.07 has too many digits to be held exactly',
    ],
    ['{"n":[1,1e999]}', 'the number 1e999 is out of range'],
    ['{"n":-1E+400}', 'the number -1E+400 is out of range'],
    ['{"n":1e-400}', 'the number 1e-400 is too small to be held'],
    [`{"n":${'9'.repeat(500)}}`, `the number ${'9'.repeat(40)}… is out of range`],
  ])('is told: %s', (text, loss) => {
    expect(jsonLoss(text)).toBe(loss);
  });

  it.each([
    '{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}',
    '{"text":"\\"a\\":1,\\"a\\":2, 1e999 __proto__ {"}',
    '{"A":1,"a":2,"constructor":3,"toString":4}',
    '{"n":[0,-0,0.0,0e9,9007199254740991,9007199254740992,32552602534326270,1e21,-1.5e-7]}',
    '{"pi":3.14159265358979323846,"avogadro":6.02214076e23,"third":0.3333333333333333333333}',
    '{}',
    '[]',
    '"__proto__"',
  ])('is not what is read as written: %s', (text) => {
    expect(jsonLoss(text)).toBeUndefined();
  });

  it('is none of what JavaScript has written itself', () => {
    const value = fc.jsonValue().filter((one) => !JSON.stringify(one).includes('__proto__'));
    fc.assert(
      fc.property(value, fc.nat(2), (one, indent) => {
        expect(jsonLoss(JSON.stringify(one, null, indent))).toBeUndefined();
      }),
    );
  });

  it('is looked for in one pass, however large and deep', () => {
    const large = `{"a":"${'\\"'.repeat(500_000)}","b":[${'1,'.repeat(300_000)}1]}`;
    const deep = `${'[{"a":'.repeat(50_000)}1${'}]'.repeat(50_000)}`;
    for (const text of [large, deep, `{"a":"${'\\\\'.repeat(500_000)}"}`]) {
      expect(jsonLoss(text)).toBeUndefined();
    }
  });
});
