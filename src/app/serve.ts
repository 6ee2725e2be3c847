import { createLogger } from '../telemetry/logger.ts'
import { compose, type Services } from './compose.ts'
import type { Config } from './config.ts'
import { createFirstKey, welcome } from './first-start.ts'
import { listenLocally, listenPublicly } from './listen.ts'
import { loadSamples } from './load-samples.ts'
import { noteServer } from './note-server.ts'
import { untilStopped } from './shutdown.ts'
import { socketPath } from './socket-path.ts'

/** Runs until SIGTERM or SIGINT. What people read goes to standard output, the log to standard error. */
export async function serve(config: Config, version: string): Promise<void> {
  const services = await open(config, { version, stdout: process.stdout })
  const note = noteServer(services, { config, version })
  try {
    await note('server.start')
    const local = await listenLocally(services, socketPath(config))
    const { app, address } = await listenPublicly(services, config.server)
    const key = services.first ? await createFirstKey(services) : null
    const stopped = untilStopped()
    if (config.data.samples) await loadSamples(services, { signal: stopped.signal })
    if (!stopped.signal.aborted) welcome({ address, key })
    await stopped.promise
    // New calls are refused at once; those under way have their grace.
    await Promise.all([app.close(), local.close()])
    await note('server.stop')
  } finally {
    await services.close()
  }
}

/** The application on its socket alone, for the length of one command. */
export async function serveLocally(
  config: Config,
  version: string,
): Promise<{ close(): Promise<void> }> {
  const services = await open(config, { version, stdout: null })
  const local = await listenLocally(services, socketPath(config))
  return {
    async close() {
      await local.close()
      await services.close()
    },
  }
}

function open(
  config: Config,
  given: { readonly version: string; readonly stdout: NodeJS.WritableStream | null },
): Promise<Services> {
  const logger = createLogger({
    level: config.server.logLevel ?? (process.stderr.isTTY ? 'warn' : 'info'),
    name: 'ragstone',
    stream: process.stderr,
  })
  return compose(config, { logger, ...given })
}
