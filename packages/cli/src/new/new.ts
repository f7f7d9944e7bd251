// new/ owns how a package of the user's begins: its name, its folder, its files. What is in the files is in templates/, plain.

import { resolve } from 'node:path';
import type { Command } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { readOptions } from '../read-options.ts';
import { shellWord } from '../run/command-line.ts';
import { Printer } from '../terminal/printer.ts';
import { UsageError } from '../usage-error.ts';
import { checkPackageName } from './package-name.ts';
import { writePackage } from './write-package.ts';

const usage = `Usage: throughline new agent NAME [FOLDER]
       throughline new toolkit NAME [FOLDER]

Writes a package that builds, tests, lints and runs as it is.

  agent     an agent with one tool, a program that asks it, its tests
  toolkit   a package of tools, with the tests that every toolkit must pass

NAME is the name of the package, as npm takes it. FOLDER is made; it may be there if it is empty. Default: the name, without its scope.
`;

const kinds: Readonly<Record<string, string>> = {
  agent: 'asks it once; without ANYFAST_API_KEY the model is scripted',
  toolkit: 'an agent uses it; without ANYFAST_API_KEY the model is scripted',
};

export const newPackage: Command = {
  usage,
  async run(args, host) {
    const { positionals } = readOptions(args, {}, usage);
    const [kind, name, given, ...more] = positionals;
    if (kind === undefined || name === undefined || more.length > 0) {
      throw new UsageError(`new takes agent or toolkit, a name, and perhaps a folder.\n\n${usage}`);
    }
    const start = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    if (start === undefined) {
      throw new UsageError(
        `There is no "new ${kind}": it makes an agent or a toolkit.\n\n${usage}`,
      );
    }
    checkPackageName(name);
    const folder = given ?? name.replace(/^@.*[/]/, '');
    const files = await writePackage(kind, { name, folder: resolve(host.cwd, folder) });
    const printer = new Printer(host);
    printer.out(`Written to ${resolve(host.cwd, folder)}:\n  ${files.join('\n  ')}`);
    printer.out(
      [
        '\nNext:',
        `  cd ${shellWord(folder)}`,
        '  npm install      # Throughline is not on npm yet: until it is, docs/cli.md of the repository says how',
        `  npm start        # ${start}`,
        '  npm test         # and: npm run build, npm run types, npm run lint',
      ].join('\n'),
    );
    return exitCode.answer;
  },
};
