import { anyfast } from '@throughline/anyfast';
import { Agent, tool } from '@throughline/core';
import type { Effect, RunEvent, Tool } from '@throughline/core';
import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';

/** What a person says in each conversation that is killed, one after the other. */
export const inputs = ['Pay the bills.', 'And clean up.', 'Have one more paid.'];

/** What the model says, by the number of its answers so far. */
const answers: readonly ScriptedAnswer[] = [
  {
    reasoning: 'Look 🧵 first,\r\n then \u2028 pay.',
    text: 'Looking.',
    calls: [
      { name: 'look', arguments: '{ "at":\t1 }' },
      { name: 'look', arguments: { at: 2 } },
      { name: 'pay', arguments: { eur: 10 } },
    ],
  },
  {
    reasoning: 'Two more.',
    calls: [
      { name: 'pay', arguments: { eur: 20 } },
      { name: 'look', arguments: { at: 3 } },
      { name: 'pay', arguments: { eur: 30 } },
    ],
  },
  { reasoning: 'All paid.', text: 'Done.' },
  { reasoning: 'Wipe.', calls: [{ name: 'wipe', arguments: {} }] },
  { reasoning: 'Clean.', text: 'All clean.' },
  { reasoning: 'Ask.', calls: [{ name: 'helper', arguments: { task: 'Look, then pay.' } }] },
  { reasoning: 'Paid.', text: 'It is paid.' },
];

/** The same of the agent that is a tool of this one. */
const answersInside: readonly ScriptedAnswer[] = [
  { reasoning: 'Both.', calls: [{ name: 'look', arguments: { at: 4 } }] },
  { reasoning: 'Pay.', calls: [{ name: 'pay', arguments: { eur: 40 } }] },
  { reasoning: 'So.', text: 'Helped.' },
];
const instructionsInside = 'Help.';

export function scriptOf(paceMs: number) {
  return ({ messages }: ChatRequest): ScriptedAnswer => {
    const given = messages.filter(({ role }) => role === 'assistant').length;
    const inside = messages[0]?.content === instructionsInside;
    return { ...(inside ? answersInside : answers)[given], delayMs: paceMs };
  };
}

/** What a program that is killed is started with, as JSON. */
export interface Setting {
  readonly modelUrl: string;
  readonly key: string;
  /** Where a tool tells that it begins and that it has acted: a process that no kill touches. */
  readonly worldUrl: string;
  /** How long each tool takes. */
  readonly paceMs: number;
  /** At this point a process is killed. */
  readonly killAt?: string | undefined;
  /** Which. Default: the program itself. */
  readonly victim?: number | undefined;
}

/** The agent of all conversations, and the points that its run passes. */
export function carefulAgent(
  setting: Setting,
  name: string,
): { readonly agent: Agent; readonly told: (event: RunEvent) => void } {
  const { modelUrl, key } = setting;
  const point = pointsOf(setting);
  const model = anyfast('kimi-k2.6', { baseURL: modelUrl, apiKey: key });
  const acting = (called: string, effect: Effect, where = '') =>
    actingTool(setting, called, effect, (at) => point(`${at}${where}`));
  const helper = new Agent({
    name: 'helper',
    model,
    instructions: instructionsInside,
    tools: [acting('look', 'read', ' inside'), acting('pay', 'write', ' inside')],
  });
  const agent = new Agent({
    name,
    model,
    instructions: 'Be careful.',
    tools: [
      acting('look', 'read'),
      acting('pay', 'write'),
      acting('wipe', 'destructive'),
      helper.asTool({ name: 'helper', description: 'Helps.' }),
    ],
  });
  const told = (event: RunEvent) => {
    if (event.type === 'call.event') return tellOf(event.event, ' inside');
    tellOf(event, '');
  };
  const tellOf = (event: RunEvent, where: string) => {
    if (event.type === 'call.start' && event.effect === 'read') return; // not recorded
    const { type } = event;
    if (type === 'answer')
      point(`told answer ${event.message.content ?? ''} ${event.step}${where}`);
    else if ('callId' in event && isRecorded[type]) point(`told ${type} ${event.callId}${where}`);
    else if (type === 'message') point(`told message ${JSON.stringify(event.messages)}${where}`);
    else if (type === 'run.start' || type === 'run.end') point(`told ${type}${where}`);
  };
  return { agent, told };
}

/** Of the events of calls. */
const isRecorded: Partial<Record<RunEvent['type'], true>> = {
  'call.start': true,
  'call.end': true,
  'call.pending': true,
  'call.decided': true,
};

/** Says which points are passed, and kills at the one that is named. */
export function pointsOf({ killAt, victim = process.pid }: Setting): (name: string) => void {
  let armed = killAt;
  return (name) => {
    if (name === armed) {
      armed = undefined;
      process.kill(victim, 'SIGKILL');
    }
    process.stdout.write(`point ${name}\n`);
  };
}

function actingTool(
  { worldUrl, paceMs }: Setting,
  name: string,
  effect: Effect,
  point: (name: string) => void,
): Tool<unknown> {
  const tell = async (what: string, key: string) => {
    const body = JSON.stringify({ what, key, name, effect });
    await (await fetch(worldUrl, { method: 'POST', body })).arrayBuffer();
  };
  return tool({
    name,
    description: `${name}.`,
    inputSchema: { type: 'object' },
    effect,
    execute: async (input, { idempotencyKey, callId }) => {
      await tell('begun', idempotencyKey);
      point(`begun ${callId}`);
      await new Promise((resolve) => setTimeout(resolve, paceMs));
      await tell('acted', idempotencyKey);
      point(`acted ${callId}`);
      return effect === 'read' ? { seen: input } : `${name} done`;
    },
  });
}
