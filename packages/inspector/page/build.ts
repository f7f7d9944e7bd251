import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const target = fileURLToPath(new URL('../dist/page.html', import.meta.url));

/** Builds the page into one HTML file, unless the file is newer than its sources. */
export async function buildPage(): Promise<void> {
  if (await isFresh()) return;
  const html = await bundled();
  await mkdir(fileURLToPath(new URL('../dist', import.meta.url)), { recursive: true });
  const draft = `${target}.${process.pid}`;
  await writeFile(draft, html);
  await rename(draft, target); // another process may read it at this moment
}

async function isFresh(): Promise<boolean> {
  const built = await stat(target).catch(() => undefined);
  if (built === undefined) return false;
  const sources = [root, fileURLToPath(new URL('../src/', import.meta.url))].map(async (folder) =>
    (await readdir(folder)).map((name) => folder + name),
  );
  const times = (await Promise.all(sources)).flat().map(async (path) => (await stat(path)).mtimeMs);
  return Math.max(...(await Promise.all(times))) < built.mtimeMs;
}

async function bundled(): Promise<string> {
  const result = await build({
    root,
    configFile: false,
    logLevel: 'error',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: { write: false, modulePreload: false, target: 'es2022', assetsInlineLimit: 1e6 },
  });
  const files = (Array.isArray(result) ? result : [result]).flatMap((one) =>
    'output' in one ? one.output : [],
  );
  const script = files.find((file) => file.type === 'chunk');
  const style = files.find(({ fileName }) => fileName.endsWith('.css'));
  if (script?.type !== 'chunk' || style?.type !== 'asset')
    throw new Error('The page has no script or no style.');
  const html = await readFile(`${root}index.html`, 'utf8');
  // Functions, so that no `$` of the code is read as a pattern.
  return html
    .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${String(style.source)}</style>`)
    .replace(/<script type="module"[^>]*><\/script>/, () => {
      return `<script type="module">${script.code.replaceAll('</script', String.raw`<\/script`)}</script>`;
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPage();
