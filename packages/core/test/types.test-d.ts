// Checked by `pnpm types`: a line under `@ts-expect-error` that compiles is an error.
import * as z from 'zod';
import * as mini from 'zod/mini';
import * as z3 from 'zod3';
import { Agent, tool } from '../src/index.ts';
import type {
  AnyAgent,
  CallScope,
  Json,
  LimitReading,
  Model,
  RunEvent,
  SuspendedRun,
  Tool,
  Toolkit,
} from '../src/index.ts';

declare const model: Model;
const about = { name: 'x', description: 'X.' } as const;

/** Compiles only if both types are the same. */
function same<Wanted>() {
  return <Found>(_found: Found, ..._same: Same<Wanted, Found> extends true ? [] : [never]) => {};
}
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

// What `execute` gets is what the schema makes: transforms and defaults applied.

interface Day {
  day: number;
  n: number;
  note?: string | undefined;
}

tool({
  ...about,
  inputSchema: z.object({
    day: z.string().transform(Number),
    n: z.number().default(1),
    note: z.string().optional(),
  }),
  approve: (input) => (same<Day>()(input), true),
  locks: (input) => (same<Day>()(input), []),
  execute: (input) => same<Day>()(input),
});

tool({
  ...about,
  inputSchema: mini.object({
    day: mini.pipe(
      mini.string(),
      mini.transform((day: string) => Number(day)),
    ),
    n: mini.prefault(mini.number(), 1),
    note: mini.optional(mini.string()),
  }),
  execute: (input) => same<Day>()(input),
});

tool({
  ...about,
  inputSchema: z3.object({
    day: z3.string().transform(Number),
    n: z3.number().default(1),
    note: z3.string().optional(),
  }),
  execute: (input) => same<Day>()(input),
});

tool({
  ...about,
  inputSchema: { type: 'object', properties: { a: { type: 'string' } } },
  execute: (input) => {
    same<Readonly<Record<string, unknown>>>()(input);
    // @ts-expect-error a JSON Schema promises nothing to the compiler
    return input['a'].length;
  },
});

tool({
  ...about,
  inputSchema: z.object({ a: z.string() }),
  // @ts-expect-error there is no such key
  execute: ({ b }) => b,
});

// @ts-expect-error a schema is needed
tool({ ...about, execute: () => 1 });
// @ts-expect-error that is no effect
tool({ ...about, inputSchema: z.object({}), effect: 'delete', execute: () => 1 });
// @ts-expect-error a number is neither yes nor words
tool({ ...about, inputSchema: z.object({}), approve: () => 7, execute: () => 1 });
// @ts-expect-error the model reads text or parts
tool({ ...about, inputSchema: z.object({}), execute: () => 1, toModel: (n) => n });

// The output is inferred from what `execute` returns, however it returns it.

const given = { ...about, inputSchema: z.object({}) };
const told = (what: unknown) => String(what);
tool({
  ...given,
  execute: () => ({ id: 1 }),
  toModel: (o) => (same<{ id: number }>()(o), told(o)),
});
tool({
  ...given,
  execute: async () => ({ id: 1 }),
  toModel: (o) => (same<{ id: number }>()(o), told(o)),
});
tool({
  ...given,
  async *execute() {
    yield 'half';
    return { id: 1 };
  },
  toModel: (o) => (same<{ id: number }>()(o), told(o)),
});

// With an output schema, `execute` returns what it reads, and `toModel` gets what it makes.

tool({
  ...given,
  outputSchema: z.object({ at: z.string().transform(Number) }),
  execute: () => ({ at: '7' }),
  toModel: (o) => (same<{ at: number }>()(o), told(o)),
});
tool({
  ...given,
  outputSchema: z.object({ at: z.string() }),
  // @ts-expect-error a number does not fit
  execute: () => ({ at: 7 }),
});

// An approver is sync or async, and says yes, no, words or 'ask'.

tool({ ...given, approve: async () => true, execute: () => 1 });
tool({
  ...given,
  inputSchema: z.object({ n: z.number() }),
  approve: async ({ n }) => n < 5 || 'ask',
  execute: () => 1,
});
tool({
  ...given,
  inputSchema: z.object({ n: z.number() }),
  approve: ({ n }) => n < 5,
  execute: () => 1,
});

// The context a tool asks for must be brought to the run.

interface Shop {
  readonly bank: string;
}
interface User {
  readonly name: string;
}
const refund = tool({
  ...given,
  execute: (_, { context }: CallScope<Shop>) => context.bank,
  approve: (_, { context }) => (same<Shop>()(context), true),
});
const greet = tool({ ...given, execute: (_, { context }: CallScope<User>) => context.name });
const plain = tool({ ...given, execute: (_, { context }) => same<unknown>()(context) });
same<Tool<Shop>>()(refund);
same<Tool>()(plain satisfies Tool as Tool);

const shop = new Agent({ model, tools: [refund, plain] });
same<Agent<Shop>>()(shop);
void shop.run('go', { context: { bank: 'b' } });
void shop.stream('go', { context: { bank: 'b' } }).result;
// @ts-expect-error the tools need a context
void shop.run('go');
// @ts-expect-error the tools need a context
void shop.stream('go', {});
// @ts-expect-error not this one
void shop.run('go', { context: { bank: 7 } });

const both = new Agent<Shop & User>({ model, tools: [refund, [greet]] });
void both.run('go', { context: { bank: 'b', name: 'n' } });
// @ts-expect-error one of the two is missing
void both.run('go', { context: { bank: 'b' } });

const kit: Toolkit<Shop> = { name: 'kit', tools: [refund] };
void new Agent({ model, tools: [kit] }).run('go', { context: { bank: 'b' } });
// @ts-expect-error the toolkit needs a context
void new Agent({ model, tools: [kit] }).run('go');
// @ts-expect-error a toolkit of another context
void new Agent<User>({ model, tools: [kit] });

const bare: Toolkit = { name: 'kit', tools: [plain] };
void new Agent({ model, tools: [bare] }).run('go');
const needy: Toolkit = { name: 'kit', tools: [refund] };

// Written without a context, `Tool`, `Toolkit` and `AnyAgent` stand for any; what nobody knows the needs of runs without asking.

const anyTools: Tool[] = [refund, greet, plain];
void new Agent({ model, tools: anyTools }).run('go');
void new Agent({ model, tools: [needy] }).run('go');
const agents: AnyAgent[] = [shop, new Agent({ model, output: z.object({}) }), new Agent({ model })];
void agents;

// The contexts of several tools are inferred together.

const together = new Agent({
  model,
  tools: [refund, [greet], plain, kit],
  approve: (_, { context }) => context.bank !== context.name,
  output: z.object({ n: z.number() }),
});
same<Agent<Shop & User, { n: number }>>()(together);
void together.run('go', { context: { bank: 'b', name: 'n' } });
// @ts-expect-error one of the two is missing
void together.run('go', { context: { bank: 'b' } });
// @ts-expect-error an option that does not exist
void new Agent({ model, tools: [refund, greet], aprove: () => true });
class Own extends Agent<Shop> {
  readonly more = 1;
}
void new Own({ model, tools: [refund] }).run('go', { context: { bank: 'b' } });

const free = new Agent({ model, tools: [plain] });
void free.run('go');
void new Agent({ model }).run('go');
void new Agent({
  model,
  tools: [refund],
  approve: (_, { context }) => (same<Shop>()(context), undefined),
});

// A tool may run an agent inside its call, with the context of the call.

tool({
  ...given,
  execute: async (_, scope: CallScope<Shop>) => {
    const { text } = await scope.run(shop, 'go');
    const { output } = await scope.run(new Agent({ model, output: z.string() }), 'go');
    same<string | undefined>()(output);
    return text;
  },
});

// Agents as tools need what their own tools need.

same<Tool<Shop>>()(shop.asTool(about));
// @ts-expect-error the inner agent needs a context
void new Agent({ model, tools: [shop.asTool(about)] }).run('go');

// Events are told apart by type, progress is JSON.

function look(event: RunEvent) {
  if (event.type === 'call.progress') same<Json>()(event.progress);
  // @ts-expect-error not every event is of a call
  return event.callId;
}
look satisfies (event: RunEvent) => unknown;
free.on('call.progress', ({ progress }) => same<Json>()(progress));
// @ts-expect-error there is no such event
free.on('call.stop', () => {});

// The structured answer has the type of its schema.

void new Agent({ model, output: z.object({ n: z.number() }) }).run('go').then((result) => {
  same<{ n: number } | undefined>()(result.output);
  if (result.stopReason === 'answer') same<{ n: number }>()(result.output);
  if (result.stopReason === 'limit') same<LimitReading>()(result.limit);
  if (result.stopReason === 'suspended') same<SuspendedRun | undefined>()(result.suspended);
});
void new Agent({ model, output: z.array(z.string()) })
  .run('go')
  .then(({ output }) => same<string[] | undefined>()(output));
void free.run('go').then(({ output }) => same<undefined>()(output));

// A decision has one shape, which cannot be read as its opposite.

declare const suspended: SuspendedRun;
const run = free.stream('go');
run.decide('id', { approve: true });
run.decide('id', { refuse: 'why' });
run.decide('id', { result: { receipt: 4 } });
// @ts-expect-error a bare yes is no decision
run.decide('id', true);
// @ts-expect-error nor are words
run.decide('id', 'yes');
// @ts-expect-error a no has a reason
run.decide('id', { approve: false });
// @ts-expect-error not both
run.decide('id', { approve: true, refuse: 'why' });
free.resume(suspended, { decisions: [{ id: 'id', approve: true }] });
// @ts-expect-error it names a call
free.resume(suspended, { decisions: [{ approve: true }] });
// @ts-expect-error words are no approval
tool({ ...about, inputSchema: z.object({}), approve: () => 'Ask', execute: () => 1 });
tool({ ...about, inputSchema: z.object({}), approve: () => 'ask', execute: () => 1 });
