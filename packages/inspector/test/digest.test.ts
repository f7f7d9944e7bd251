import type { RecordedEvent, SessionLine } from '@throughline/core';
import { expect, it } from 'vitest';
import { Digest } from '../src/digest.ts';

/** A failed run with a call that waits: of the run itself, or of an agent inside its call that has ended. */
function digestOf(waitsIn: string): Digest {
  const call = { step: 1, call: 1, callId: 'pay:0', name: 'pay' };
  const events = [
    { type: 'message', runId: 'r', source: 'input', messages: [{ role: 'user', content: 'Go.' }] },
    { type: 'call.pending', runId: waitsIn, ...call, effect: 'write', arguments: '{}', id: 'x' },
    {
      type: 'call.end',
      runId: 'r',
      ...call,
      call: waitsIn === 'r' ? 2 : 1,
      outcome: 'timeout',
      message: { role: 'tool', tool_call_id: 'pay:0', content: 'Too late.' },
    },
    { type: 'run.end', runId: 'r', stopReason: 'failed', text: '', steps: 1 },
  ];
  const digest = new Digest();
  for (const [at, event] of events.entries()) {
    const line: SessionLine = {
      seq: at + 1,
      v: 1,
      runId: 'r',
      key: String(at),
      event: event as RecordedEvent,
    };
    digest.add(line);
  }
  return digest;
}

it('a failed run whose call still waits is suspended, as the session itself says', () => {
  expect([digestOf('r').state, digestOf('r').told.pending.length]).toEqual(['suspended', 1]);
});

it('a call inside one that has ended waits no more', () => {
  const digest = digestOf('r/1/call/1');
  expect([digest.state, digest.told.pending.length]).toEqual(['stopped', 0]);
});
