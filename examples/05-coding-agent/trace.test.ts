import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { anyfast } from '@throughline/anyfast';
import { otel } from '@throughline/otel';
import { startSimulator } from '@throughline/simulator';
import { expect, it, onTestFinished } from 'vitest';
import { examples, tempFolder } from '../test/run.ts';
import { mender } from './mender.ts';
import { programmer } from './script.ts';

const execute = promisify(execFile);

it('leaves a trace: a run, in it each question to the model and each call, with what they used', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  const root = await tempFolder();
  await cp(join(examples, '05-coding-agent/shop'), root, { recursive: true });
  await execute('git', ['init', '--quiet'], { cwd: root });
  await execute('git', ['add', '.'], { cwd: root });
  const simulator = await startSimulator({ script: programmer });
  onTestFinished(async () => {
    await simulator.close();
    await provider.shutdown();
    for (const api of [context, trace]) api.disable();
  });
  const model = anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key });
  const agent = otel(mender(model, root));
  const { steps, calls, usage } = await agent.run('A test fails. Mend it.');
  await agent.dispose();

  const spans = exporter.getFinishedSpans();
  const [run, ...others] = spans.filter(({ name }) => name === 'invoke_agent mender');
  expect(others).toEqual([]);
  const inside = spans.filter(
    ({ parentSpanContext }) => parentSpanContext?.spanId === run?.spanContext().spanId,
  );
  const named = (name: string) => inside.filter((span) => span.name.startsWith(name));
  expect(named('chat kimi-k2.6')).toHaveLength(steps);
  expect(named('execute_tool')).toHaveLength(calls.length);
  expect(inside).toHaveLength(steps + calls.length);
  expect(named('execute_tool edit_file')).toHaveLength(1);
  expect(run?.attributes).toMatchObject({
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'mender',
    'gen_ai.usage.input_tokens': usage.inputTokens,
    'gen_ai.usage.output_tokens': usage.outputTokens,
  });
  const [chat] = named('chat');
  expect(chat?.attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'kimi-k2.6',
    'gen_ai.response.finish_reasons': ['tool_calls'],
  });
  // No word of the conversation, unless it is asked for.
  expect(JSON.stringify(spans.map(({ attributes }) => attributes))).not.toContain('Mend it');
});
