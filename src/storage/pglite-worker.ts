import { PGlite } from '@electric-sql/pglite'
import { pg_textsearch } from '@electric-sql/pglite-pg_textsearch'
import { vector } from '@electric-sql/pglite-pgvector'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { PgliteWorkerData, PgliteWorkerMessage } from './pglite.ts'
import { keepSequencesWhole } from './whole-sequences.ts'

// The thread's entry: a database, its socket server, and a way to end both in order.
const { dataDirectory, socketPath, maxConnections } = workerData as PgliteWorkerData
const say = (message: PgliteWorkerMessage): void => parentPort?.postMessage(message)
const open = (dataDir: string) => PGlite.create({ dataDir, extensions: { vector, pg_textsearch } })

// Made beside its place and then moved there: killed while it is being made, it would never open again.
if (!existsSync(dataDirectory)) {
  const draft = `${dataDirectory}.new`
  await rm(draft, { recursive: true, force: true })
  await (await open(draft)).close()
  await rename(draft, dataDirectory)
}
const db = await open(dataDirectory)

// What a statement does wrong travels to its client as a message. What is thrown here is the end of the engine, after
// which the socket server would leave every client waiting for ever.
const execute = db.execProtocolRawStream.bind(db)
db.execProtocolRawStream = async (...call) => {
  try {
    await execute(...call)
  } catch (error) {
    setImmediate(() => {
      throw new Error('The embedded database has failed', { cause: error })
    })
    throw error
  }
}

const server = new PGLiteSocketServer({
  db: keepSequencesWhole(db),
  path: socketPath,
  maxConnections,
})
await server.start()
parentPort?.once('message', () => {
  void stop()
})
say('ready')

async function stop(): Promise<void> {
  await server.stop()
  await db.exec('checkpoint')
  await db.close()
  say('stopped')
  parentPort?.close()
}
