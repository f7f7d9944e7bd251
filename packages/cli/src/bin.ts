#!/usr/bin/env node
import process from 'node:process';
import { main } from './main.ts';

process.exitCode = await main(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
});

// A signal has ended it: a tool that does not listen to its abort holds up nobody.
if (process.exitCode > 128) process.exit();
