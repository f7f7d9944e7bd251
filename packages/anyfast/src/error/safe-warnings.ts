import type { ModelPart } from '@throughline/core';
import { strikeOut } from '../options/strike-out.ts';
import type { Secrecy } from '../options/strike-out.ts';
import { visible } from '../wire/foreign-text.ts';

/** The parts of an answer, their warnings without the secrets and with nothing in them that cannot be seen. */
export function safeWarnings(parts: readonly ModelPart[], secrecy: Secrecy): readonly ModelPart[] {
  const strike = strikeOut(secrecy);
  return parts.map((part) =>
    part.type === 'warning' ? { ...part, message: visible(strike(part.message)) } : part,
  );
}
