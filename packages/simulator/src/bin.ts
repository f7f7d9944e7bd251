#!/usr/bin/env node
import { simulatorCommand } from './cli/command.ts';

process.exitCode = await simulatorCommand(process.argv.slice(2), {
  out: (line) => console.log(line),
  error: (line) => console.error(line),
});
