import { constants, setPriority } from 'node:os'
import type { MessagePort } from 'node:worker_threads'
import { workerData } from 'piscina'
import type { Chunk, ChunkSize } from '../core/chunk.ts'
import type { ParsedDocument, ParseLimits } from '../core/document.ts'
import { AppError, type ErrorCode } from '../core/errors.ts'
import type { Tokenizer, TokenizerSource } from '../core/ports/embedding-model.ts'
import { chunkDocument } from './chunk/chunk.ts'
import { parse } from './parse/parse.ts'
import { createReadTeller } from './read-progress.ts'

export interface WorkerSetup {
  readonly limits: ParseLimits
  readonly tokenizer: TokenizerSource
  readonly tellEveryMs: number
}

export interface ReadTask {
  readonly bytes: Uint8Array
  readonly filename: string
  readonly chunkSize: ChunkSize
  /** Told when work begins, and from then on how far it is: `ReadProgress`. */
  readonly news: MessagePort
}

/** Errors lose their class between threads, so an AppError travels as its parts. */
export type ReadReply =
  | { readonly document: ParsedDocument; readonly chunks: readonly Chunk[] }
  | { readonly code: ErrorCode; readonly message: string }
  | { readonly fault: string }

const { limits, tokenizer: source, tellEveryMs } = workerData as WorkerSetup
// Whoever asks goes before what is read. Of one thread alone on Linux; elsewhere it would be the whole process.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL)
// Kept for all files this thread reads.
let loaded: Promise<Tokenizer> | null = null

/** The thread's entry: parse → chunk. */
export async function readFile({ bytes, filename, chunkSize, news }: ReadTask): Promise<ReadReply> {
  const begin = createReadTeller((progress) => news.postMessage(progress), tellEveryMs)
  const tellParsed = begin('parse')
  try {
    const tokenizer = await (loaded ??= loadTokenizer())
    const document = await parse(bytes, filename, { ...limits, tell: tellParsed })
    const chunks = chunkDocument(document, chunkSize, { tokenizer, tell: begin('chunk') })
    return { document, chunks }
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message }
    return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

async function loadTokenizer(): Promise<Tokenizer> {
  try {
    const { createTokenizer } = (await import(source.module)) as {
      readonly createTokenizer: (options: unknown) => Promise<Tokenizer>
    }
    return await createTokenizer(source.options)
  } catch (error) {
    // The next file tries again.
    loaded = null
    throw error
  }
}
