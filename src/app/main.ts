import { readFileSync } from 'node:fs'
import { connect } from '../cli/connect.ts'
import type { CliDeps, GlobalOptions } from '../cli/deps.ts'
import { runCli } from '../cli/program.ts'
import { readConfig, type Config } from './config.ts'
import { maskConfig } from './config-mask.ts'
import { promptLine, promptSecret, readStandardInput } from './read-secret.ts'
import { socketPath } from './socket-path.ts'

// The program's entry: reads nothing but its own version, and hands every command what it may need. What only some
// commands need is loaded by them: a question to a running server must not wait for a database engine to be read.
const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string }
const interrupted = new AbortController()

const deps: CliDeps = {
  version,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupted.signal,
  askSecret: (question) => promptSecret(question, interrupted.signal),
  askLine: (question) => promptLine(question, interrupted.signal),
  readInput: readStandardInput,
  async connect(options) {
    const config = configFor(options)
    return connect({
      url: options.url ?? config.client.url,
      apiKey: options.apiKey ?? config.client.apiKey,
      tenant: options.tenant ?? null,
      socketPath: socketPath(config),
      // A command's own output is what people look at: only what is wrong is logged.
      startLocal: async () => {
        const { serveLocally } = await import('./serve.ts')
        return serveLocally({ ...config, server: { ...config.server, logLevel: 'error' } }, version)
      },
    })
  },
  async serve({ host, port, ...options }) {
    process.off('SIGINT', interrupt)
    const config = configFor(options)
    const server = {
      ...config.server,
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
    }
    const { serve } = await import('./serve.ts')
    return serve({ ...config, server }, version)
  },
  async work({ concurrency, ...options }) {
    process.off('SIGINT', interrupt)
    const config = configFor(options)
    const ingest = { ...config.ingest, ...(concurrency === undefined ? {} : { concurrency }) }
    const { work } = await import('./work.ts')
    return work({ ...config, ingest }, version)
  },
  async migrate(options) {
    const { openBackend } = await import('./open-storage.ts')
    const { migrate } = await import('../storage/migrate.ts')
    const backend = await openBackend(configFor(options))
    try {
      return (await migrate(backend.pool)).applied
    } finally {
      await backend.close()
    }
  },
  async checks(options) {
    const { createChecks } = await import('./checks.ts')
    return createChecks(() => configFor(options))
  },
  config: (options) => maskConfig(configFor(options)),
}

function configFor({ config: file }: GlobalOptions): Config {
  return readConfig(file === undefined ? {} : { file })
}

function interrupt(): void {
  interrupted.abort()
}

process.on('SIGINT', interrupt)
process.exitCode = await runCli(deps, process.argv.slice(2))
// What a start had opened before it failed would keep the process, and whoever is to start it again waits for its end.
if (process.exitCode !== 0) setTimeout(() => process.exit(), 1_000).unref()
