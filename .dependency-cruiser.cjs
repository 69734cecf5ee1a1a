// The rooms and who may enter which. `npm run lint` enforces this and fails when fewer files were looked at than exist.
const rooms = {
  net: [],
  wire: ['net'],
  session: ['net', 'wire'],
  rib: ['net', 'wire'],
  policy: ['net', 'wire', 'rib'],
  fib: ['net', 'rib'],
  export: ['net', 'wire', 'rib', 'policy'],
  vrf: ['net', 'wire', 'rib'],
  bmp: ['net', 'wire', 'rib', 'speaker'],
  speaker: ['net', 'wire', 'session', 'rib', 'policy', 'export', 'fib'],
  config: ['net', 'wire', 'session', 'rib', 'policy', 'speaker'],
  api: ['net', 'wire', 'speaker'],
  runtime: ['net', 'wire', 'session', 'speaker', 'fib', 'agent'],
  // Of the controller only the types of what it answers.
  cli: ['net', 'api', 'controller'],
  controller: ['net', 'wire', 'bmp', 'api'],
  // Of the configuration what heliod would say to the rules of a policy.
  controllerd: ['controller', 'api', 'config'],
  // What carries the controller's tables out on machines.
  appliers: ['net', 'controller'],
  agent: ['net', 'controller', 'speaker', 'config'],
};

const layerRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `layer-${room}`,
  comment: `${room}/ imports only from: ${allowed.join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
}));

const ownPackages = {
  net: ['ip-address'],
  config: ['zod', 'yaml'],
  api: ['fastify', 'fastify-type-provider-zod', '@fastify/swagger', 'zod', 'pino', 'prom-client'],
  runtime: ['pino', 'koffi'],
  controllerd: ['fastify', 'zod', 'yaml'],
  cli: ['commander', 'picocolors'],
  // What a controller answers is checked where it is read.
  agent: ['zod'],
};

const packageRules = Object.keys(rooms).map((room) => ({
  name: `packages-${room}`,
  comment: 'the core uses no package; each shell room only its own',
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: {
    dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg'],
    pathNot: (ownPackages[room] ?? ['nothing-at-all']).map((name) => `node_modules/${name}/`).join('|'),
  },
}));

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'sans-io',
      comment: 'node:* only in the shell',
      severity: 'error',
      from: { path: '^src/(net|wire|session|rib|policy|export|fib|bmp|speaker|controller|agent)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'conformance-is-black-box',
      severity: 'error',
      from: { path: '^conformance/' },
      to: { path: '^src/' },
    },
    ...layerRules,
    ...packageRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
