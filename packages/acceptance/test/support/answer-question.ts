// A process in which a person answers the question that waits in a session, and consents to the commands that follow. It reads where
// the endpoint is from the environment. Started by the tests.
import { fileSessions } from '@throughline/sessions';
import { answerTo, questionsOf } from '@throughline/toolkit-plan';
import { mendingAgent } from './mending-agent.ts';

const [root = '.', dir = '.', label = ''] = process.argv.slice(2);
const session = await fileSessions({ dir }).open('mend');
const agent = mendingAgent(root);
const asked = session.pending.map((call) => questionsOf(call));
const decisions = session.pending.map((call) => {
  return { id: call.id, ...answerTo(call, [{ chosen: [label] }]) };
});
const consented: string[] = [];
const { text, stopReason } = await agent.resume(session, {
  decisions,
  decide: (call) => {
    consented.push(call.arguments);
    return { approve: true };
  },
}).result;
await agent.dispose();
await session.close();
process.stdout.write(JSON.stringify({ asked, consented, text, stopReason }));
