import { span } from './line.ts';
import type { Line } from './line.ts';
import type { Style } from './style.ts';

/** Whether a text holds a unified diff. */
export function isDiff(text: string): boolean {
  return /^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@/m.test(text);
}

/** The lines of a unified diff, coloured. The marks stay, so that it reads without colour too. */
export function diffLines(text: string): Line[] {
  return text.split('\n').map((line) => [span(line, ...diffStyles(line))]);
}

/** The style of one line of a diff. */
export function diffStyles(line: string): readonly Style[] {
  if (/^(?:diff |index |--- |\+\+\+ )/.test(line)) return ['bold'];
  if (line.startsWith('@@')) return ['cyan'];
  if (line.startsWith('+')) return ['green'];
  return line.startsWith('-') ? ['red'] : [];
}
