import { availableParallelism } from 'node:os'
import type { EmbeddingModel } from '../core/ports/embedding-model.ts'
import { runEmbeddingPool, unavailable } from './embedding-pool.ts'
import { createEmbeddingQueue } from './embedding-queue.ts'
import { startEmbeddingThread } from './embedding-thread.ts'
import type { ModelFiles } from './model-files.ts'

export interface LocalEmbedder extends EmbeddingModel {
  /** Ends the threads; what still waits is rejected. */
  close(): Promise<void>
}

export interface LocalEmbedderOptions {
  readonly files: ModelFiles
  /** Worker threads, each with one core and its own copy of the model; null leaves one core to everybody else, up to four. */
  readonly threads?: number | null
}

/**
 * Resolves when the model is loaded and its hash found right; throws `provider_unavailable`.
 * Measured on two cores: 80 passages of 200 tokens a second with one thread, 145 with two; a question of 20 tokens takes
 * 1.5 ms, and 6 ms (at most 28) while an ingestion keeps the threads busy. A thread takes about 100 MB.
 * gte-small: 18 passages a second and thread, 9 ms a question.
 */
export async function createLocalEmbedder(options: LocalEmbedderOptions): Promise<LocalEmbedder> {
  const { files } = options
  const { model } = files
  const start = () => startEmbeddingThread(files)
  const first = await start().catch((error: unknown) => {
    throw unavailable('The local embedding model cannot be loaded. Run "ragstone doctor".', error)
  })
  const threads = options.threads ?? Math.max(1, Math.min(4, availableParallelism() - 1))
  const queue = createEmbeddingQueue()
  const ended = runEmbeddingPool({ queue, first, threads, start })

  return {
    id: model.id,
    dimensions: model.dimensions,
    // Its two special tokens are not the caller's.
    maxTokens: model.positions - 2,
    embed(texts, { kind, signal, tenantId }) {
      const prefix = model.prefix[kind]
      const prefixed = prefix === '' ? texts : texts.map((text) => prefix + text)
      return queue.add({ texts: prefixed, kind, signal, tenantId })
    },
    async close() {
      queue.close(unavailable('The local embedding model was shut down.'))
      await ended
    },
  }
}
