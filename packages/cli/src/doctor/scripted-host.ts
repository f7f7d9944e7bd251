import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';

/** A scripted model for a person without a key, and for tests: it does what each probe asks for. */
export function scriptedHost({
  messages,
  tools,
  tool_choice: choice,
}: ChatRequest): ScriptedAnswer {
  const last = messages.at(-1);
  const asked = String(last?.content);
  if (last?.role === 'tool') return { reasoning: 'By rule.', text: `It says: ${asked}.` };
  const cities = ['Paris', 'Oslo'].filter((city) => asked.includes(city));
  if (tools !== undefined && (cities.length > 0 || typeof choice === 'object')) {
    const calls = (cities.length > 0 ? cities : ['Paris']).map((city) => ({
      name: 'get_weather',
      arguments: { city },
    }));
    return { reasoning: 'By rule.', calls };
  }
  if (tools?.some((tool) => tool.function.name === 'book_table')) {
    const booking = { guests: [{ name: 'Ann' }], table: 'window' };
    return { reasoning: 'By rule.', calls: [{ name: 'book_table', arguments: booking }] };
  }
  return { reasoning: 'By rule.', text: /17 times 3/.test(asked) ? '51' : 'ok' };
}
