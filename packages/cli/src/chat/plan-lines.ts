import { span } from '../terminal/line.ts';
import type { Line } from '../terminal/line.ts';
import type { Style } from '../terminal/style.ts';
import { visibleLine } from '../terminal/visible-text.ts';

/**
 * The lines of a plan, where a progress or an output is one: the shape that `update_plan` of @throughline/toolkit-plan tells. Undefined for
 * anything else.
 */
export function planLines(told: unknown, clean: (text: string) => string): Line[] | undefined {
  const { type, items } = (told ?? {}) as Readonly<Record<string, unknown>>;
  if (type !== 'plan' || !Array.isArray(items)) return undefined;
  return (items as readonly unknown[]).map((item) => {
    const { title, status } = (item ?? {}) as Readonly<Record<string, unknown>>;
    const [mark, ...styles] = marks[String(status)] ?? ['☐'];
    return [span(`  ${mark} `, ...styles), span(visibleLine(clean(String(title))), ...styles)];
  });
}

const marks: Readonly<Record<string, readonly [mark: string, ...styles: Style[]]>> = {
  pending: ['☐'],
  in_progress: ['▸', 'bold'],
  done: ['☑', 'dim'],
  cancelled: ['☒', 'dim', 'strike'],
};
