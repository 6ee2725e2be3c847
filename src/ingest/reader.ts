import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { Piscina } from 'piscina'
import type { Chunk, ChunkSize } from '../core/chunk.ts'
import type { ParsedDocument, ParseLimits } from '../core/document.ts'
import { AppError } from '../core/errors.ts'
import type { TokenizerSource } from '../core/ports/embedding-model.ts'
import type { ReadProgress } from './read-progress.ts'
import type { ReadReply, ReadTask, WorkerSetup } from './read-worker.ts'
import { createTurnstile } from './turnstile.ts'

export interface ReadRequest {
  readonly bytes: Uint8Array
  readonly filename: string
  readonly chunkSize: ChunkSize
  /** Told from the moment that the file's turn has come, a few times a second. */
  readonly onProgress?: (progress: ReadProgress) => void
}

export interface ReadResult {
  readonly document: ParsedDocument
  readonly chunks: readonly Chunk[]
}

export interface ReaderDeps {
  readonly limits: ParseLimits
  /** Files read at the same time. */
  readonly threads: number
  readonly tokenizer: TokenizerSource
  /** Of one thread's JavaScript heap. */
  readonly maxHeapMegabytes?: number
  /** At least so long between two times that a thread says how far it is. */
  readonly tellEveryMs?: number
}

/** Parses and chunks in threads of their own, which are ended when a file takes too long or too much. */
export interface Reader {
  /**
   * Throws what `parse` throws, and `parse_timeout` after `maxSeconds` of work: time in the queue does not count.
   * Aborting ends the thread and throws the signal's reason.
   */
  read(request: ReadRequest, signal: AbortSignal): Promise<ReadResult>
  /** Ends all threads; reads under way throw `shutting_down`. */
  close(): Promise<void>
}

const DEFAULT_HEAP_MEGABYTES = 1024
/** Whoever hears it writes less often still. */
const TELL_EVERY_MS = 250
const IDLE_MS = 60_000

export function createReader(deps: ReaderDeps): Reader {
  const { limits, tokenizer, tellEveryMs = TELL_EVERY_MS } = deps
  const setup: WorkerSetup = { limits, tokenizer, tellEveryMs }
  const pool = new Piscina<ReadTask, ReadReply>({
    filename: new URL('./read-worker.ts', import.meta.url).href,
    name: 'readFile',
    minThreads: 0,
    maxThreads: deps.threads,
    idleTimeout: IDLE_MS,
    workerData: setup,
    resourceLimits: { maxOldGenerationSizeMb: deps.maxHeapMegabytes ?? DEFAULT_HEAP_MEGABYTES },
  })
  // A thread that dies between two files is replaced; nobody waits for it.
  pool.on('error', () => {})
  // Not the pool's own queue: when a thread is ended, the pool starts no other for the tasks that wait in it.
  const turnstile = createTurnstile(deps.threads)
  const closing = new AbortController()

  return {
    async read(request, signal) {
      closing.signal.throwIfAborted()
      const leave = await turnstile.enter(AbortSignal.any([signal, closing.signal]))
      try {
        return await readNow(pool, request, {
          signal,
          closing: closing.signal,
          seconds: deps.limits.maxSeconds,
        })
      } finally {
        leave()
      }
    },
    async close() {
      closing.abort(shuttingDown())
      await pool.destroy()
    },
  }
}

interface Ends {
  readonly signal: AbortSignal
  readonly closing: AbortSignal
  readonly seconds: number
}

async function readNow(
  pool: Piscina<ReadTask, ReadReply>,
  { onProgress, ...request }: ReadRequest,
  { signal, closing, seconds }: Ends,
): Promise<ReadResult> {
  const watch = createStopwatch(seconds, onProgress)
  try {
    const reply = await pool.run(
      { ...request, news: watch.port },
      { signal: AbortSignal.any([signal, closing, watch.signal]), transferList: [watch.port] },
    )
    return unwrap(reply)
  } catch (error) {
    if (error instanceof AppError || error instanceof ThreadFault) throw error
    signal.throwIfAborted()
    closing.throwIfAborted()
    if (watch.signal.aborted) throw tooSlow(seconds)
    // Before the file's turn came, the fault is not the file's.
    if (!watch.hasStarted()) throw error
    throw explainDeath(error)
  } finally {
    watch.stop()
  }
}

interface Stopwatch {
  /** The thread says through this that the file's turn has come, and how far it is. */
  readonly port: MessagePort
  /** Aborts when the time is over. */
  readonly signal: AbortSignal
  hasStarted(): boolean
  stop(): void
}

function createStopwatch(seconds: number, onProgress?: ReadRequest['onProgress']): Stopwatch {
  const { port1, port2 } = new MessageChannel()
  const overdue = new AbortController()
  let timer: NodeJS.Timeout | undefined
  port1.on('message', (progress: ReadProgress) => {
    timer ??= setTimeout(() => overdue.abort(), seconds * 1000)
    onProgress?.(progress)
  })
  return {
    port: port2,
    signal: overdue.signal,
    hasStarted: () => timer !== undefined,
    stop() {
      clearTimeout(timer)
      port1.close()
    },
  }
}

/** A fault of ours inside the thread, as opposed to the death of the thread. */
class ThreadFault extends Error {}

function unwrap(reply: ReadReply): ReadResult {
  if ('document' in reply) return reply
  if ('code' in reply) throw new AppError(reply.code, reply.message)
  throw new ThreadFault(reply.fault)
}

function explainDeath(error: unknown): AppError {
  const isMemory =
    error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return isMemory
    ? new AppError(
        'file_too_large',
        'The file needs more memory than one file may use. Split it into smaller ones.',
        { cause: error },
      )
    : new AppError(
        'file_malformed',
        'The file is damaged in a way that stops its reader. Export or download it again.',
        { cause: error },
      )
}

function tooSlow(seconds: number): AppError {
  return new AppError(
    'parse_timeout',
    `Reading the file took longer than the limit of ${seconds} seconds. Split it, or raise the limit on seconds.`,
  )
}

function shuttingDown(): AppError {
  return new AppError(
    'shutting_down',
    'The server is shutting down. Add the file again when it is back.',
  )
}
