import { Worker } from 'node:worker_threads';
import type { Job, Said } from './job.ts';

// The libraries are loaded with the first job that needs them: robots.txt needs no DOM.
async function work(job: Job) {
  switch (job.kind) {
    case 'html':
      return (await import('./html-text.ts')).htmlText(job);
    case 'pdf':
      return (await import('./pdf-text.ts')).pdfText(job);
    case 'robots':
      return (await import('./robots-verdict.ts')).robotsVerdict(job);
  }
}

function say(said: Said): void {
  process.send?.(said);
}

process.on('message', (job: Job) => {
  work(job).then(
    (result) => say({ type: 'done', result }),
    (error: unknown) => say({ type: 'failed', why: wordsFor(error) }),
  );
});

// A page that keeps this process busy would let it outlive its host: a thread looks whether that is still there.
const watch = `
  setInterval(() => {
    try { process.kill(${process.ppid}, 0); } catch { process.kill(process.pid, 'SIGKILL'); }
  }, 500);
`;
new Worker(watch, { eval: true, execArgv: [] }).unref();

say({ type: 'ready' });

function wordsFor(error: unknown): string {
  if (error instanceof Error && error.name === 'Unreadable') return error.message;
  return error instanceof RangeError ? 'it is nested too deeply' : 'it is damaged';
}
