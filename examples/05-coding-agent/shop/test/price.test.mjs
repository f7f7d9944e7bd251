import assert from 'node:assert/strict';
import test from 'node:test';
import { withTax } from '../src/price.mjs';

test('tax is added', () => {
  assert.equal(withTax(1000, 0.2), 1200);
});

test('half a cent is not lost', () => {
  assert.equal(withTax(50, 0.25), 63);
});
