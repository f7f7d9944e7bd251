import assert from 'node:assert/strict';
import { Agent, tool } from '@throughline/core';
import type { ErrorCode, Session, SessionLine, SessionStore } from '@throughline/core';
import { scriptedModel } from './scripted-model.ts';

/** An empty store, a second one over the same place, as another process would make it, and how to put them away. */
export interface StoreUnderTest {
  readonly store: SessionStore;
  readonly other: SessionStore;
  close?(): Promise<void>;
}

export type StoreMaker = () => Promise<StoreUnderTest>;

/** One thing every store must do. `run` rejects with an assertion error where it does not. */
export interface StoreCheck {
  readonly name: string;
  run(make: StoreMaker): Promise<void>;
}

/**
 * What every `SessionStore` must do, for any test runner:
 * `for (const check of sessionStoreSuite) it(check.name, () => check.run(make))`.
 */
export const sessionStoreSuite: readonly StoreCheck[] = [
  check(
    'opens a new session as an empty one, and lists it once it has a line',
    async ({ store }) => {
      const session = await store.open('chat');
      assert.deepEqual(await linesOf(session), []);
      assert.deepEqual(await store.list(), []);
      await session.log.append(0, [line(1)]);
      assert.deepEqual(
        (await store.list()).map(({ id }) => id),
        ['chat'],
      );
      await session.close();
    },
  ),
  check('gives lines back byte for byte, in order', async ({ store, other }) => {
    const session = await store.open('chat');
    const texts = ['🧵 \u2028 \u0000 \r\n', '"}\\', '\ud800 alone', 'x'.repeat(1_000_000), ''];
    const lines = texts.map((text, at) => line(at + 1, text));
    await session.log.append(0, lines.slice(0, 2));
    await session.log.append(2, lines.slice(2));
    assert.deepEqual(await linesOf(session), lines);
    await session.close();
    const again = await other.open('chat');
    assert.equal(JSON.stringify(await linesOf(again)), JSON.stringify(lines));
    assert.equal(again.lastSeq, lines.length);
    await again.close();
  }),
  check(
    'is read while it is open, where it can be: what is stored, its parent included',
    async ({ store, other }) => {
      if (other.read === undefined) return; // it need not
      const read = async (id: string, fromSeq?: number) => {
        const found: SessionLine[] = [];
        for await (const lines of other.read?.(id, fromSeq) ?? []) found.push(...lines);
        return found;
      };
      assert.deepEqual(await read('chat'), []);
      const session = await store.open('chat');
      assert.deepEqual(await read('chat'), []);
      await session.log.append(0, [line(1, '🧵'), line(2)]);
      assert.deepEqual(await read('chat'), [line(1, '🧵'), line(2)]);
      await session.log.append(2, [line(3)]);
      assert.deepEqual(await read('chat', 3), [line(3)]);
      await store.fork('chat', 'fork', { seq: 2 });
      const fork = await store.open('fork');
      await fork.log.append(2, [line(3, 'of the fork')]);
      assert.deepEqual(await read('fork', 2), [line(2), line(3, 'of the fork')]);
      await fork.close();
      await session.log.append(3, [line(4)]); // reading has taken nothing from the writer
      await session.close();
      assert.deepEqual(await read('chat', 4), [line(4)]);
    },
  ),
  check('reads from a line on', async ({ store }) => {
    const session = await store.open('chat');
    await session.log.append(
      0,
      [1, 2, 3, 4].map((seq) => line(seq)),
    );
    assert.deepEqual(
      (await linesOf(session, 3)).map(({ seq }) => seq),
      [3, 4],
    );
    assert.deepEqual(await linesOf(session, 5), []);
    await session.close();
  }),
  check('keeps thousands of lines', async ({ store, other }) => {
    const session = await store.open('chat');
    for (let last = 0; last < 3_000; last += 100) {
      await session.log.append(
        last,
        Array.from({ length: 100 }, (_, at) => line(last + at + 1)),
      );
    }
    await session.close();
    const again = await other.open('chat');
    assert.equal(again.lastSeq, 3_000);
    assert.equal((await linesOf(again)).at(-1)?.seq, 3_000);
    await again.close();
  }),
  check(
    'refuses an append behind another line than the last, and adds nothing',
    async ({ store }) => {
      const session = await store.open('chat');
      await session.log.append(0, [line(1), line(2)]);
      for (const last of [0, 1, 3]) {
        await refuses('session_conflict', session.log.append(last, [line(last + 1)]));
      }
      assert.equal((await linesOf(session)).length, 2);
      await session.log.append(2, [line(3)]);
      await session.close();
    },
  ),
  check('opens a session once at a time, new or old', async ({ store, other }) => {
    const session = await store.open('chat');
    await refuses('session_locked', store.open('chat'));
    await refuses('session_locked', other.open('chat'));
    await session.log.append(0, [line(1)]);
    await refuses('session_locked', other.open('chat'));
    await refuses('session_locked', other.delete('chat'));
    await session.close();
    await (await other.open('chat')).close();
  }),
  check('takes no more lines once it is closed', async ({ store }) => {
    const session = await store.open('chat');
    await session.log.append(0, [line(1)]);
    await session.close();
    await refuses('session_closed', session.log.append(1, [line(2)]));
  }),
  check('takes any text as an id, and none that is empty or endless', async ({ store }) => {
    const ids = ['a/b', '..', '.hidden', 'a%2Fb', 'Größe 🧵', 'con', 'x y*?', '-', "it's", 'a.1'];
    for (const id of ids) {
      const session = await store.open(id);
      await session.log.append(0, [line(1, id)]);
      await session.close();
    }
    assert.deepEqual((await store.list()).map(({ id }) => id).toSorted(), ids.toSorted());
    for (const id of ids) {
      const session = await store.open(id);
      assert.deepEqual(await linesOf(session), [line(1, id)]);
      await session.close();
    }
    await refuses('invalid_input', store.open(''));
    await refuses('invalid_input', store.open('x'.repeat(201)));
  }),
  check('forks at the end, at a line, and again', async ({ store }) => {
    const session = await store.open('chat');
    await session.log.append(0, [line(1), line(2), line(3)]);
    await store.fork('chat', 'whole');
    await store.fork('chat', 'half', { seq: 2 });
    await session.log.append(3, [line(4, 'after the fork')]);
    const half = await store.open('half');
    assert.equal(half.lastSeq, 2);
    assert.equal(half.log.inheritedSeq, 2);
    await half.log.append(2, [line(3, 'half')]);
    await store.fork('half', 'quarter', { seq: 1 });
    await store.fork('half', 'same');
    await half.close();
    await session.close();
    const expected = {
      whole: ['', '', ''],
      half: ['', '', 'half'],
      quarter: [''],
      same: ['', '', 'half'],
    };
    for (const [id, texts] of Object.entries(expected)) {
      const fork = await store.open(id);
      assert.deepEqual(
        await linesOf(fork),
        texts.map((text, at) => line(at + 1, text)),
        id,
      );
      assert.deepEqual((await linesOf(fork, 2)).length, texts.length - 1, id);
      await fork.close();
    }
    const { parent } = (await store.list()).find(({ id }) => id === 'half') ?? {};
    assert.deepEqual(parent, { id: 'chat', seq: 2 });
  }),
  check('says of one session what the list says, where it can', async ({ store }) => {
    if (store.info === undefined) return; // it need not
    assert.equal(await store.info('chat'), undefined);
    const session = await store.open('chat');
    await session.log.append(0, [line(1, 'long'), line(2)]);
    await session.close();
    await store.fork('chat', 'half', { seq: 1 });
    for (const info of await store.list()) assert.deepEqual(await store.info(info.id), info);
    assert.deepEqual((await store.info('half'))?.parent, { id: 'chat', seq: 1 });
    assert.equal(await store.info('nobody'), undefined);
  }),
  check('refuses forks that cannot be', async ({ store }) => {
    const session = await store.open('chat');
    await session.log.append(0, [line(1)]);
    await refuses('session_not_found', store.fork('nobody', 'new'));
    await refuses('invalid_input', store.fork('chat', 'new', { seq: 2 }));
    await refuses('invalid_input', store.fork('chat', 'new', { seq: 0 }));
    await store.fork('chat', 'new');
    await refuses('session_exists', store.fork('chat', 'new'));
    await session.close();
  }),
  check('deletes, but not what another is forked from', async ({ store }) => {
    await refuses('session_not_found', store.delete('chat'));
    const session = await store.open('chat');
    await session.log.append(0, [line(1, 'y'.repeat(600_000))]);
    await session.close();
    await store.fork('chat', 'fork');
    await refuses('session_in_use', store.delete('chat'));
    await store.delete('fork');
    await store.delete('chat');
    assert.deepEqual(await store.list(), []);
    const again = await store.open('chat');
    assert.equal(again.lastSeq, 0);
    await again.close();
  }),
  check('carries a conversation from one process to the next', async ({ store, other }) => {
    const calls = [{ name: 'look', arguments: '{ "at":\t1 }' }];
    const answers = [{ reasoning: 'Hm 🧵\r\n', calls }, { text: 'Seen.' }];
    const session = await store.open('chat');
    const first = scriptedModel(answers);
    const { messages } = await agentOf(first).run('Look.', { session });
    await session.close();
    const again = await other.open('chat');
    assert.equal(again.state, 'ready');
    const second = scriptedModel([{ text: 'Yes.' }]);
    await agentOf(second).run('Sure?', { session: again });
    const expected = [...messages, { role: 'user', content: 'Sure?' }];
    assert.equal(JSON.stringify(second.requests[0]?.messages), JSON.stringify(expected));
    await again.close();
  }),
];

function check(name: string, run: (stores: StoreUnderTest) => Promise<void>): StoreCheck {
  return {
    name,
    async run(make) {
      const stores = await make();
      try {
        await run(stores);
      } finally {
        await stores.close?.();
      }
    },
  };
}

function line(seq: number, text = ''): SessionLine {
  const event = {
    type: 'run.start',
    runId: 'r',
    agent: text,
    model: 'm',
    startedAtMs: 1.5,
  } as const;
  return { seq, v: 1, runId: 'r', key: `${seq}`, event };
}

async function linesOf(session: Session, fromSeq?: number): Promise<readonly SessionLine[]> {
  const lines: SessionLine[] = [];
  for await (const batch of session.log.read(fromSeq)) lines.push(...batch);
  return lines;
}

function agentOf(model: ReturnType<typeof scriptedModel>): Agent {
  const about = { name: 'look', description: 'Looks.', inputSchema: { type: 'object' } };
  return new Agent({
    model,
    tools: [tool({ ...about, effect: 'read', execute: () => 'a house' })],
  });
}

async function refuses(code: ErrorCode, work: Promise<unknown>): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.equal((error as { readonly code?: unknown } | undefined)?.code, code, String(error));
}
