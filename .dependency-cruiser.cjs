// The one direction (docs/design.md), checked by a machine. Each rule says what it protects; `.ci/direction.test.ts`
// breaks every one of them and sees it complain.

/** Core from the ground up. A file not named here may import all before `loop` and be imported by all after `tool`. */
const ground = [
  'error',
  'message',
  'check-options',
  'abort',
  'model',
  'schema',
  'event',
  'recorder',
  'tool',
];
const doors = ['loop', 'run', 'agent', 'index'];

const core = (names) => `^packages/core/src/(${names.join('|')})[.]ts$`;
const ourPackage = '^packages/([^/]+)/';
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** `schema` may be cut in several files, `schema-zod3.ts` beside `schema.ts`. */
const named = (name) => (name === 'schema' ? 'schema[^/]*' : name);

const coreLayers = [
  rule(
    'core-words-import-nothing',
    'error.ts and message.ts are the words every other file speaks.',
    { path: core(['error', 'message']) },
    { path: '.' },
  ),
  ...ground.slice(2).map((name, index) =>
    rule(
      `core-${name}-stands-low`,
      `In core, ${name}.ts may see only: ${ground.slice(0, index + 2).join(', ')}.`,
      { path: core([named(name)]) },
      {
        path: '^packages/core/src/',
        pathNot: core([...ground.slice(0, index + 2), name].map(named)),
      },
    ),
  ),
  rule(
    'core-doors-stay-above',
    'Only loop, run, agent and index stand above the parts of core.',
    { path: '^packages/core/src/', pathNot: core(doors) },
    { path: core(doors) },
  ),
  ...doors
    .slice(0, -1)
    .map((name, index) =>
      rule(
        `core-${name}-sees-nothing-above`,
        `In core, ${name}.ts is used by ${doors.slice(index + 1).join(', ')} and knows none of them.`,
        { path: core([name]) },
        { path: core(doors.slice(index + 1)) },
      ),
    ),
  rule(
    'core-loop-is-pure',
    'loop.ts and limit.ts have no clock, random or I/O of their own: a durable engine replays them.',
    { path: core(['loop', 'limit']) },
    { dependencyTypes: ['core'] },
  ),
  rule(
    'core-zod-only-in-schema',
    'zod is known in one place, so that zod 3, zod 4 and plain JSON Schema are alike to all others.',
    { path: '^packages/core/src/', pathNot: '^packages/core/src/schema[^/]*[.]ts$' },
    { path: '(^|/)node_modules/(zod|zod3|zod-to-json-schema)/|^zod' },
  ),
];

const betweenPackages = [
  rule(
    'core-sees-no-sibling',
    'Core is what the other packages are built on.',
    { path: '^packages/core/' },
    { path: '^packages/(?!core/)' },
  ),
  rule(
    'simulator-stands-alone',
    'The simulator reads the contract with its own eyes, so it shares no code with those it checks.',
    { path: '^packages/simulator/' },
    { path: '^packages/(?!simulator/)' },
  ),
  rule(
    'packages-build-on-core-only',
    'A transport, a toolkit or a store depends on core and its own libraries.',
    { path: ourPackage, pathNot: '^packages/(core|simulator|cli|acceptance|bench)/|/test/' },
    { path: ourPackage, pathNot: '^packages/(core|$1)/' },
  ),
  rule(
    'packages-only-through-the-index',
    'What a package does not export is its own affair.',
    { path: '^(?:packages/([^/]+)|examples)/' },
    { path: '^packages/(?!$1/)[^/]+/', pathNot: '^packages/[^/]+/src/index[.]ts$' },
  ),
  rule(
    'packages-only-by-name',
    'Another package is imported by its name, as a user imports it, never by a path.',
    { path: '^(?:packages/([^/]+)|examples)/' },
    { path: '^packages/(?!$1/)[^/]+/', dependencyTypes: ['local'] },
  ),
  rule(
    'nobody-depends-on-the-ends',
    'acceptance, bench and examples use everything and are used by nobody.',
    { path: '^packages/([^/]+)/' },
    { path: '^(examples|packages/(?!$1/)(acceptance|bench))/' },
  ),
  rule(
    'src-imports-no-test',
    'What is published does not depend on what is not.',
    { path: '/src/' },
    { path: '/test/|[.]test[.]ts$' },
  ),
];

const everywhere = [
  rule('no-cycle', 'A cycle, of types too, is one idea cut in two files.', {}, { circular: true }),
  rule(
    'no-unresolved',
    'An import that leads nowhere escapes every other rule.',
    {},
    {
      couldNotResolve: true,
    },
  ),
  rule(
    'src-uses-no-dev-dependency',
    'Users get no dev-dependency.',
    { path: '^packages/[^/]+/src/' },
    {
      dependencyTypes: ['npm-dev'],
      dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional'],
      pathNot: '/node_modules/@types/node/',
    },
  ),
  rule(
    'no-undeclared-dependency',
    'What is imported is declared in the package.json beside it. Tests use the tools of the root.',
    { path: '/src/|^examples/', pathNot: '[.]test[.]ts$' },
    { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
  ),
];

module.exports = {
  forbidden: [...everywhere, ...betweenPackages, ...coreLayers],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // Not any `dist`: that would hide every library that is built into one.
    // The peers are no part of the workspace, and not installed where nobody measures them.
    exclude: {
      path: '^((packages/[^/]+|examples)/(dist|coverage|[.]turbo)|packages/bench/peers)/',
    },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['throughline-source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
