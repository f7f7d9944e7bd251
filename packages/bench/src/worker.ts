// One sample in a fresh process: `worker.js <contender's file> <measure> <server>`. Prints its figures as JSON.
import type { Contender } from './contender.ts';
import { measures } from './measure.ts';
import type { Figures } from './agents.ts';
import type { MeasureName } from './measure.ts';

const [file = '', name = '', serverURL = ''] = process.argv.slice(2);
const fromMs = performance.now();
const { contender } = (await import(file)) as { contender: Contender };
const figures: Figures =
  name === 'load'
    ? { 'load.ms': performance.now() - fromMs }
    : await measures[name as MeasureName]({ contender, serverURL });
// Connections that are kept open would keep the process, too.
process.stdout.write(JSON.stringify(figures), () => process.exit());
