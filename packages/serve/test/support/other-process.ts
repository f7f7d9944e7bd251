// A process of its own that runs an agent in the session "chat" of a folder. Its tool says that it has begun, and waits for a line on stdin.
import { once } from 'node:events';
import { Agent, tool } from '@throughline/core';
import { fileSessions } from '@throughline/sessions';
import { scriptedModel } from '@throughline/testing';

const [dir = ''] = process.argv.slice(2);
const wait = tool({
  name: 'wait',
  description: 'Waits for a line.',
  inputSchema: { type: 'object', properties: {} },
  async execute() {
    process.stdout.write('waits\n');
    await once(process.stdin, 'data');
    return 'waited';
  },
});
const model = scriptedModel([
  { reasoning: 'I wait.', calls: [{ name: 'wait', arguments: {} }] },
  { text: 'Waited in another process.' },
]);
const session = await fileSessions({ dir }).open('chat');
await new Agent({ model, tools: [wait] }).run('Wait.', { session });
await session.close();
process.stdin.destroy();
