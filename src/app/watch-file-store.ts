import type { Logger } from 'pino'
import type { Backend } from '../storage/backend.ts'
import { ConfigError, type Config } from './config.ts'
import { insistOnFileStore } from './insist-on-file-store.ts'
import { periodically } from './periodically.ts'

const EVERY_MS = 30_000

/** A bucket that was away at the start is asked later whose files it keeps. Of a directory that is known by then. */
export function watchFileStore(
  config: Config,
  { backend, logger }: { readonly backend: Backend; readonly logger: Logger },
): { stop(): Promise<void> } {
  if (config.blobs.store === 'directory') return { stop: () => Promise.resolve() }
  let isKnown = false
  return periodically(
    async () => {
      if (!isKnown) isKnown = await insistOnFileStore(backend.pool, config)
    },
    {
      everyMs: EVERY_MS,
      onError(error) {
        if (!(error instanceof ConfigError))
          return logger.error({ error }, 'the bucket is not well')
        logger.fatal({ error }, 'the bucket keeps the files of another database')
        process.kill(process.pid, 'SIGTERM')
      },
    },
  )
}
