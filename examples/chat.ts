import { Agent } from '@throughline/core';
import type { Message, Model } from '@throughline/core';

/** Answers one question after the other; each run goes on where the one before ended. */
export async function chat(model: Model, questions: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  // #region history
  const agent = new Agent({ model, instructions: 'Be brief.' });
  let history: readonly Message[] = [];
  for (const question of questions) {
    const { text, messages } = await agent.run(question, { history });
    texts.push(text);
    history = messages;
  }
  // #endregion
  return texts;
}
