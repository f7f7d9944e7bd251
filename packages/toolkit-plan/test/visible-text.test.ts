import { describe, expect, it } from 'vitest';
import { plan } from '../src/index.ts';

/** Whether `update_plan` takes these titles. */
async function takes(...titles: readonly string[]): Promise<boolean> {
  const tool = plan().tools.find(({ name }) => name === 'update_plan');
  const items = titles.map((title) => ({ title, status: 'done' }));
  const parsed = await tool?.inputSchema.parse({ items });
  return parsed !== undefined && !parsed.issues;
}

describe('a title', () => {
  it.each(['\u200d', '\u2800', '\ufe0f', '\u2800 \u200d'])(
    'is not taken where nothing of it is seen: %j',
    async (title) => expect(await takes(title)).toBe(false),
  );

  it.each(['\u3164', '\uffa0', '\u115f', '\u034f', '\u{e0041}', '\ufff9'])(
    'is not taken with a letter that hides in it: %j',
    async (letter) => expect(await takes(`Mend${letter} it`)).toBe(false),
  );

  it.each(['\u200d', '\u200c', '\ufe0f', '\u2800', '\u{e0100}'])(
    'is not another one for a letter that is not seen: %j',
    async (letter) => expect(await takes('Mend it', `Mend it${letter}`)).toBe(false),
  );

  it('may hold emoji that are joined, and words of scripts that need a joiner', async () => {
    expect(await takes('👩‍🔧 mends it', 'می‌خواهم', '❤️')).toBe(true);
  });
});
