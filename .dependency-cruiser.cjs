// The one direction (docs/design.md), checked by a machine. Each rule says what it protects; `.ci/direction.test.ts`
// breaks every one of them and sees it complain.

/**
 * The rooms of the three large packages, from the ground up: folders, and files beside them. Each may import only from
 * rooms that stand before it, so a reader who knows a room knows all that it rests on.
 */
const rooms = {
  core: [
    'base',
    'answer',
    'history',
    'record',
    'tool/schema',
    'tool',
    'limits',
    'calls',
    'loop',
    'loop.ts',
    'options.ts',
    'run',
    'run.ts',
    'agent.ts',
    'index.ts',
  ],
  anyfast: [
    'wire',
    'options',
    'schema',
    'encode',
    'error',
    'http',
    'decode',
    'models.ts',
    'client.ts',
    'body.ts',
    'media.ts',
    'anyfast.ts',
    'index.ts',
  ],
  simulator: [
    'wire',
    'rules',
    'fault',
    'script',
    'options.ts',
    'memory',
    'serve',
    'endpoint.ts',
    'simulator.ts',
    'cli',
    'index.ts',
    'bin.ts',
  ],
};

const core = (names) => `^packages/core/src/(${names.join('|')})[.]ts$`;
const ourPackage = '^packages/([^/]+)/';
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** The files of rooms; `tool` does not mean those of `tool/schema`, which is a room of its own. */
const inside = (home, names) =>
  `^packages/${home}/src/(${names
    .map((name) => (name.endsWith('.ts') ? name.replace('.', '[.]') + '$' : `${name}/[^/]+$`))
    .join('|')})`;

const downward = Object.entries(rooms).flatMap(([home, names]) =>
  names.map((name, index) => {
    const seen = names.slice(0, index);
    return rule(
      `${home}-${name.replace('.ts', '').replace('/', '-')}-imports-downward`,
      `In ${home}, ${name} may import only from: ${seen.join(', ') || 'itself'}.`,
      { path: inside(home, [name]) },
      { path: `^packages/${home}/src/`, pathNot: inside(home, [...seen, name]) },
    );
  }),
);

const coreRules = [
  rule(
    'core-words-import-nothing',
    'error.ts and message.ts are the words every other file speaks.',
    { path: core(['base/error', 'base/message']) },
    { path: '.' },
  ),
  ...Object.entries(rooms).map(([home, names]) =>
    rule(
      `${home}-has-no-other-room`,
      `A file of ${home} stands in one of its rooms: a new room is named in this list.`,
      { path: `^packages/${home}/src/`, pathNot: inside(home, names) },
      {},
    ),
  ),
  rule(
    'core-imports-no-node-builtin',
    'Core loads in a browser, at an edge and in a worker; and a durable engine replays its loop, which has no I/O of its own.',
    { path: '^packages/core/src/' },
    { dependencyTypes: ['core'] },
  ),
  rule(
    'core-zod-only-in-schema',
    'zod is known in one room, so that zod 3, zod 4 and plain JSON Schema are alike to all others.',
    { path: '^packages/core/src/', pathNot: '^packages/core/src/tool/schema/' },
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
    'packages-only-through-their-exports',
    'What a package does not export is its own affair.',
    { path: '^(?:packages/([^/]+)|examples)/' },
    {
      path: '^packages/(?!$1/)[^/]+/',
      pathNot: '^packages/([^/]+/src/index|restate/src/client)[.]ts$',
    },
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
  forbidden: [...everywhere, ...betweenPackages, ...downward, ...coreRules],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // Not any `dist`: that would hide every library that is built into one.
    // The peers are no part of the workspace, and not installed where nobody measures them.
    exclude: {
      path: '^((packages/[^/]+|examples)/(dist|coverage|[.](turbo|tested))|packages/bench/peers)/',
    },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['throughline-source', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.json'],
    },
  },
};
