#!/usr/bin/env node
import process from 'node:process';
import { exitCode } from './exit-code.ts';
import { main } from './main.ts';

const { stdout, stderr, env } = process;

let hasFailed = false;

// The reader of a pipe went away, or a disk is full. A command that has something to end listens for itself, and ends that first.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  const isPipe = error.code === 'EPIPE';
  if (!isPipe && !hasFailed) stderr.write(`The output cannot be written: ${error.message}\n`);
  hasFailed = true;
  if (stdout.listenerCount('error') > 1) return;
  process.exit(isPipe ? exitCode.brokenPipe : exitCode.failed);
});
stderr.on('error', () => {});

process.exitCode = await main(process.argv.slice(2), {
  // Made by its first use, which most commands have no use for.
  get stdin() {
    return process.stdin;
  },
  stdout,
  stderr,
  env,
  cwd: process.cwd(),
});

// A signal has ended it: a tool that does not listen to its abort holds up nobody.
if (process.exitCode > 128) process.exit();
