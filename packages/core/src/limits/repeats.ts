import { canonical } from '../answer/arguments.ts';
import type { Content } from '../base/message.ts';

/** A call with what came of it, or a text that stood beside calls. */
export type Deed =
  | { readonly said: Content }
  | { readonly name: string; readonly arguments: string; readonly outcome: Content };

/** What came most often in a run, and how often. Counted when it is asked for: most runs have no limit that asks. */
export class Repeats {
  /** How often which deed had which outcome. The outcome is a key of its own: joined to the deed, it would be copied. */
  readonly #counts = new Map<string, Map<string, number>>();
  #uncounted: Deed[] = [];
  #most = { count: 0, what: '' };

  add(deed: Deed): void {
    this.#uncounted.push(deed);
  }

  get most(): { readonly count: number; readonly what: string } {
    for (const deed of this.#uncounted) {
      if ('said' in deed) this.#count('text', deed.said, 'the same remark');
      else {
        const { name, arguments: text, outcome } = deed;
        this.#count(`call ${name} ${canonical(text)}`, outcome, `the same call of ${name}`);
      }
    }
    this.#uncounted = [];
    return this.#most;
  }

  #count(deed: string, content: Content, named: string): void {
    const outcome = typeof content === 'string' ? content : JSON.stringify(content);
    const counts = this.#counts.get(deed) ?? new Map<string, number>();
    const count = (counts.get(outcome) ?? 0) + 1;
    this.#counts.set(deed, counts.set(outcome, count));
    if (count > this.#most.count) this.#most = { count, what: named };
  }
}
