// Runs src/page-worker.ts in a thread from source: Node 20 reads no TypeScript, and a thread does not inherit a loader.
import { tsImport } from 'tsx/esm/api';

await tsImport('./src/page-worker.ts', import.meta.url);
