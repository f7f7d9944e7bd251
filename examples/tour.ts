// `pnpm start [name or number] [arguments]` runs one example, the first by default; `--list` says what each shows.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Example {
  readonly number: number;
  readonly folder: string;
  /** The heading and the first paragraph of its README. */
  readonly title: string;
  readonly shows: string;
}

const here = new URL('.', import.meta.url);
const start = 'npx -y pnpm@10.34.8 start';
const examples = readdirSync(here)
  .filter((name) => /^\d\d-/.test(name))
  .sort()
  .map(described);

const [wanted = '1', ...rest] = process.argv.slice(2);
if (wanted === '--list') list();
else await run(wanted);

function described(folder: string): Example {
  const text = readFileSync(new URL(`${folder}/README.md`, here), 'utf8');
  const [heading = '', first = ''] = text.split('\n\n');
  const shows = first.replaceAll('\n', ' ').trim();
  return { number: Number(folder.slice(0, 2)), folder, title: heading.replace(/^# /, ''), shows };
}

function list(): void {
  for (const { number, folder, title, shows } of examples) {
    console.log(`${String(number).padStart(2)}  ${folder.slice(3)}: ${title}\n    ${shows}\n`);
  }
  console.log(`Run one by its number or name: ${start} ${examples.at(-1)?.folder.slice(3)}`);
}

async function run(wanted: string): Promise<void> {
  const example = examples.find(({ number, folder }) =>
    [String(number), folder, folder.slice(3)].includes(wanted),
  );
  if (example === undefined) {
    console.error(`There is no example "${wanted}". \`${start} --list\` says which there are.`);
    process.exitCode = 1;
    return;
  }
  const program = new URL(`${example.folder}/main.ts`, here);
  process.argv.splice(1, Infinity, fileURLToPath(program), ...rest);
  await import(program.href);
  const next = examples[examples.indexOf(example) + 1];
  if (next === undefined) console.log(`\nThat was the last. ${start} --list`);
  else console.log(`\nNext: ${start} ${next.number}    ${next.title}`);
}
