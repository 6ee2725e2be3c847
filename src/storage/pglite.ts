import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Backend } from './backend.ts'
import { createConnectionPool } from './connection-pool.ts'
import { lockDirectory } from './directory-lock.ts'

export interface PgliteOptions {
  /** Made if it is not there. Open in one process at a time: a second opening is refused, for it would corrupt the data. */
  readonly directory: string
  readonly maxConnections?: number
  /** Told once when the database has ended by itself; from then on every query rejects with `database_unavailable`. */
  readonly onFailure?: (error: Error) => void
}

export interface PgliteWorkerData {
  readonly dataDirectory: string
  readonly socketPath: string
  readonly maxConnections: number
}

export type PgliteWorkerMessage = 'ready' | 'stopped'

/** A Unix socket's path may have 104 bytes on some systems, 108 on others. */
const MAX_SOCKET_PATH = 100
/** Transactions exclude each other, so connecting may have to wait for a long one. */
const CONNECT_TIMEOUT_MS = 60_000

/**
 * PostgreSQL 18 inside this process, in a worker thread behind its own socket, so that neither a search nor an index
 * build blocks the event loop and there is one code path to either backend. Throws `conflict` when another process
 * has the directory open.
 */
export async function openPglite(options: PgliteOptions): Promise<Backend> {
  const { maxConnections = 8, onFailure = () => undefined } = options
  const directory = resolve(options.directory)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  let thread: Thread | undefined
  let closing: Promise<void> | undefined
  let told = false
  const tell = (error: Error): void => {
    if (told || closing !== undefined) return
    told = true
    onFailure(error)
  }
  const unlock = await lockDirectory(directory, (error) => {
    // Whoever took the lock writes now: not one more byte from here.
    void thread?.worker.terminate()
    tell(error)
  })
  const sockets = await makeSocketFolder(directory)
  const cleanUp = async (): Promise<void> => {
    await thread?.worker.terminate()
    await rm(sockets, { recursive: true, force: true })
    await unlock()
  }
  try {
    thread = startThread({
      dataDirectory: join(directory, 'postgres'),
      socketPath: join(sockets, '.s.PGSQL.5432'),
      // One for the pool's every connection, and a few for those it is still closing.
      maxConnections: maxConnections + 8,
    })
    await thread.ready
  } catch (error) {
    await cleanUp()
    throw error
  }
  void thread.failed.then(tell)
  const pool = createConnectionPool({
    host: sockets,
    user: 'postgres',
    database: 'postgres',
    max: maxConnections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  })
  const { worker, stopped, failed } = thread
  const close = async (): Promise<void> => {
    await pool.end()
    worker.postMessage('stop')
    await Promise.race([stopped, failed])
    await cleanUp()
  }
  return { kind: 'pglite', pool, close: () => (closing ??= close()) }
}

/** Open to this user alone: whoever reaches the socket is the database's superuser. */
async function makeSocketFolder(directory: string): Promise<string> {
  const near = join(directory, 'socket')
  if (Buffer.byteLength(join(near, '.s.PGSQL.5432')) > MAX_SOCKET_PATH)
    return mkdtemp(join(tmpdir(), 'ragstone-'))
  // A killed process leaves its socket behind.
  await rm(near, { recursive: true, force: true })
  await mkdir(near, { mode: 0o700 })
  return near
}

interface Thread {
  readonly worker: Worker
  /** Rejects when the thread ends before. */
  readonly ready: Promise<void>
  readonly stopped: Promise<void>
  /** Resolves when the thread has ended by itself. */
  readonly failed: Promise<Error>
}

function startThread(workerData: PgliteWorkerData): Thread {
  const worker = new Worker(new URL('./pglite-worker.ts', import.meta.url), { workerData })
  const ready = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<void>()
  const failed = Promise.withResolvers<Error>()
  worker.on('message', (said: PgliteWorkerMessage) => {
    if (said === 'ready') ready.resolve()
    else stopped.resolve()
  })
  const fail = (error: Error): void => {
    ready.reject(error)
    failed.resolve(error)
  }
  worker.on('error', fail)
  worker.on('exit', (code) => fail(new Error(`The database thread ended with code ${code}`)))
  return { worker, ready: ready.promise, stopped: stopped.promise, failed: failed.promise }
}
