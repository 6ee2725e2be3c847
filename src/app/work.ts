import { constants, setPriority } from 'node:os'
import { AppError } from '../core/errors.ts'
import { createLogger } from '../telemetry/logger.ts'
import { compose } from './compose.ts'
import type { Config } from './config.ts'
import { noteServer } from './note-server.ts'
import { untilStopped } from './shutdown.ts'

/** Works on jobs, and listens to nobody, until SIGTERM or SIGINT. */
export async function work(config: Config, version: string): Promise<void> {
  if (config.database.url === null) {
    throw new AppError(
      'conflict',
      'The embedded database can be open in one process only, and `ragstone serve` already works on jobs inside itself: raise ingest.concurrency to let it do more at once. Workers of their own need a PostgreSQL 18: name it in database.url or DATABASE_URL, for the server and for every worker.',
    )
  }
  // Beside a server on one machine, whoever asks goes first. Threads that begin later have it too.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  const logger = createLogger({
    level: config.server.logLevel ?? (process.stderr.isTTY ? 'warn' : 'info'),
    name: 'ragstone-worker',
    stream: process.stderr,
  })
  const stopped = untilStopped()
  const services = await compose(config, {
    logger,
    version,
    kind: 'worker',
    stdout: process.stdout,
  })
  const note = noteServer(services, { config, version })
  try {
    await note('worker.start')
    process.stdout.write(
      `Working on up to ${config.ingest.concurrency} documents at once. Stop with Ctrl-C.\n`,
    )
    await stopped.promise
    await note('worker.stop')
  } finally {
    await services.close()
  }
}
