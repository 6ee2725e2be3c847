// The house rules: who may import whom. One row per folder of src/; what is not listed is forbidden.
// Read top to bottom: words, policy, pipelines, adapters, delivery, composition.
const PIPELINES = ['ingest', 'answer', 'eval']
const POLICY = ['auth', 'limits', 'outside', 'resilience', 'safety', 'tenancy']
const ADAPTERS = ['providers', 'queue', 'sources', 'storage', 'telemetry', 'valkey']
const DELIVERY = ['cli', 'http', 'jobs']

export const MAY_IMPORT = {
  core: [],
  contract: [],

  tenancy: ['core'],
  auth: ['core', 'outside', 'tenancy'],
  limits: ['core'],
  outside: ['core'],
  resilience: ['core'],
  safety: ['core'],

  ingest: ['core', 'limits', 'resilience', 'safety'],
  answer: ['core', 'limits', 'resilience', 'safety'],
  eval: ['core', 'ingest', 'answer'],

  providers: ['core'],
  queue: ['core'],
  sources: ['core', 'outside', 'resilience'],
  storage: ['core'],
  telemetry: ['core'],
  valkey: ['core'],

  cli: ['core', ...POLICY, ...PIPELINES],
  http: ['core', 'contract', ...POLICY, ...PIPELINES],
  jobs: ['core', ...POLICY, ...PIPELINES],

  app: ['core', ...POLICY, ...PIPELINES, ...ADAPTERS, ...DELIVERY],
}
const layers = Object.entries(MAY_IMPORT).map(([from, to]) => ({
  name: `${from} may import only ${to.join(', ') || 'itself'}`,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: { path: '^src/', pathNot: [from, ...to].map((folder) => `^src/${folder}/`) },
}))
const NPM_OWNERS = {
  fastify: 'http',
  '@fastify/[a-z-]+': 'http',
  '@modelcontextprotocol/[a-z-]+': 'http',
  pg: 'storage',
  '@electric-sql/[a-z_-]+': 'storage',
  '@aws-sdk/[a-z0-9-]+': '(storage|sources)',
  'pg-boss': 'queue',
  'robots-parser': 'sources',
  'lru-cache': 'answer',
  croner: 'ingest',
  ai: 'providers',
  '@ai-sdk/[a-z-]+': 'providers',
  'onnxruntime-node': 'providers',
  '@huggingface/[a-z-]+': 'providers',
  pino: 'telemetry',
  'prom-client': 'telemetry',
  iovalkey: 'valkey',
  'openid-client': 'auth',
  '@zxcvbn-ts/[a-z-]+': 'auth',
  commander: 'cli',
  'tar-stream': 'tenancy',
}
const packages = Object.entries(NPM_OWNERS).map(([name, owner]) => ({
  name: `only ${owner} may import ${name}`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/(${owner}|app)/` },
  to: { path: `node_modules/(@types/)?${name}/` },
}))
export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '\\.test\\.ts$' },
      to: {},
    },
    {
      name: 'stages are siblings',
      severity: 'error',
      from: { path: '^src/(ingest|answer)/([^/]+)/' },
      to: { path: '^src/$1/[^/]+/', pathNot: '^src/$1/$2/' },
    },
    {
      name: 'src never imports test, bench',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test|bench)/' },
    },
    ...layers,
    ...packages,
  ],
  options: {
    parser: 'swc',
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
