import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { addToStore, documentBySourceKey, getStoreFile, uploadFile, type StoreFile } from './api.ts'
import { CliError, EXIT } from './cli-error.ts'
import type { Client } from './client.ts'
import type { SourceFile } from './source-files.ts'

export interface LoadedFile {
  readonly path: string
  readonly bytes: number
  readonly status: 'failed' | 'loaded' | 'unchanged'
  readonly fileId: string | null
  readonly chunks: number
  /** Why it failed, as a sentence. */
  readonly reason: string | null
}

export interface LoadOptions {
  readonly client: Client
  readonly storeId: string
  readonly attributes: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Called with chunks embedded by files that are still at work. */
  readonly onProgress: (chunksUnderWay: number) => void
  readonly onFile: (file: LoadedFile) => void
  readonly pollMs?: number
}

/** Files handed over and not yet done: enough to keep the server's workers busy, few enough to poll. */
const UNDER_WAY = 8

/** Uploads what is new or changed and waits until the server has indexed it or said why not. */
export async function loadFiles(
  files: readonly SourceFile[],
  options: LoadOptions,
): Promise<readonly LoadedFile[]> {
  const results: LoadedFile[] = []
  const embedded = new Map<string, number>()
  const queue = files[Symbol.iterator]()
  const work = async () => {
    for (const file of queue) {
      const result = await loadFile(file, options, (chunks) => {
        embedded.set(file.path, chunks)
        options.onProgress([...embedded.values()].reduce((sum, number) => sum + number, 0))
      })
      embedded.delete(file.path)
      results.push(result)
      options.onFile(result)
    }
  }
  await Promise.all(Array.from({ length: UNDER_WAY }, work))
  return results
}

async function loadFile(
  { path, bytes }: SourceFile,
  options: LoadOptions,
  onChunks: (chunks: number) => void,
): Promise<LoadedFile> {
  const failed = (reason: string, fileId: string | null = null): LoadedFile => {
    return { path, bytes, status: 'failed', fileId, chunks: 0, reason }
  }
  try {
    const sent = await hand(path, options)
    if (sent.unchanged) return { path, bytes, ...doneWith(sent.file), status: 'unchanged' }
    const file = await settled(sent.file, options, onChunks)
    if (file.status === 'completed') return { path, bytes, ...doneWith(file), status: 'loaded' }
    return failed(file.last_error?.message ?? `It was ${file.status}.`, file.id)
  } catch (error) {
    // One file's fault is its own; an unreachable server or Ctrl-C ends them all.
    if (error instanceof CliError && error.exitCode !== EXIT.failed) throw error
    return failed(error instanceof Error ? error.message : String(error))
  }
}

function doneWith({ id, ragstone }: StoreFile) {
  return { fileId: id, chunks: ragstone.chunks, reason: null }
}

async function hand(
  path: string,
  { client, storeId, attributes, signal }: LoadOptions,
): Promise<{ readonly file: StoreFile; readonly unchanged: boolean }> {
  if (signal.aborted) throw new CliError('Stopped.', EXIT.interrupted)
  const content = await readFile(path, { signal })
  const sourceKey = pathToFileURL(path).href
  const known = await documentBySourceKey(client, storeId, sourceKey)
  const sha256 = createHash('sha256').update(content).digest('hex')
  if (known?.status === 'completed' && known.ragstone.sha256 === sha256) {
    return { file: known, unchanged: true }
  }
  const { id } = await uploadFile(client, { path, content }, signal)
  const file = await addToStore(client, storeId, { fileId: id, sourceKey, attributes })
  return { file, unchanged: false }
}

async function settled(
  added: StoreFile,
  { client, storeId, signal, pollMs = 250 }: LoadOptions,
  onChunks: (chunks: number) => void,
): Promise<StoreFile> {
  let file = added
  while (file.status === 'in_progress') {
    await sleep(pollMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) throw new CliError('Stopped.', EXIT.interrupted)
    file = await getStoreFile(client, storeId, file.id)
    onChunks(file.ragstone.chunks_embedded)
  }
  return file
}
