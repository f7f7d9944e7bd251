// The run of an agent as OpenTelemetry spans: `start 14 [folder] [question]`.
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { otel } from '@throughline/otel';
import { explorer } from '../01-first-tool/agent.ts';
import { bookkeeper, theQuestion } from '../01-first-tool/script.ts';
import { withModel } from '../lib/model.ts';
import { asCalled, beside } from '../lib/place.ts';
import { Screen } from '../lib/screen.ts';
import { attributesOf, treeOf } from './span-tree.ts';

const [given, question = theQuestion] = process.argv.slice(2);
const folder =
  given === undefined ? beside(import.meta.url, '../01-first-tool/invoices') : asCalled(given);
const screen = new Screen({ input: process.stdin, output: process.stdout });

await withModel(bookkeeper, async (model) => {
  // #region trace
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

  const agent = otel(explorer(model, folder));
  const { text } = await agent.run(question);
  // #endregion
  await agent.dispose();
  screen.line('bold', `${question}\n`);
  console.log(`${text}\n`);

  const spans = exporter.getFinishedSpans();
  screen.line('bold', `The trace of this run: ${spans.length} spans\n`);
  for (const line of treeOf(spans)) console.log(line);
  const chat = spans.findLast(({ name }) => name.startsWith('chat'));
  if (chat !== undefined) {
    screen.line('bold', `\nThe attributes of the last "${chat.name}"\n`);
    for (const line of attributesOf(chat)) console.log(line);
  }
  await provider.shutdown();
});
