import { Worker } from 'node:worker_threads'
import type { ModelFiles } from './model-files.ts'

export interface WorkerStart {
  readonly files: ModelFiles
}

export interface WorkerRequest {
  readonly texts: readonly string[]
}

export type WorkerAnswer =
  | { readonly type: 'ready' }
  | { readonly type: 'embedded'; readonly vectors: Float32Array<ArrayBuffer> }
  | { readonly type: 'failed'; readonly message: string }

/** A worker thread with a loaded model. One call at a time. */
export interface EmbeddingThread {
  /** Rejects when the model fails, or the thread dies over it. */
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>
  hasEnded(): boolean
  stop(): Promise<void>
}

/** Resolves when the model is loaded and its hash found right: 0.3 s for all-MiniLM-L6-v2. */
export async function startEmbeddingThread(files: ModelFiles): Promise<EmbeddingThread> {
  const workerData: WorkerStart = { files }
  const worker = new Worker(new URL('./local-embedding-worker.ts', import.meta.url), { workerData })
  let pending = Promise.withResolvers<WorkerAnswer>()
  let ended = false
  function end(error: Error): void {
    ended = true
    pending.reject(error)
  }
  worker.on('message', (answer: WorkerAnswer) => pending.resolve(answer))
  worker.on('error', end)
  worker.on('exit', (code) => end(new Error(`The thread ended with code ${code}.`)))
  await pending.promise

  return {
    async embed(texts) {
      if (ended) throw new Error('The thread has ended.')
      pending = Promise.withResolvers()
      worker.postMessage({ texts } satisfies WorkerRequest)
      const answer = await pending.promise
      if (answer.type !== 'embedded') throw new Error(describe(answer))
      return split(answer.vectors, texts.length)
    },
    hasEnded: () => ended,
    async stop() {
      await worker.terminate()
    },
  }
}

function describe(answer: WorkerAnswer): string {
  return answer.type === 'failed' ? answer.message : 'The thread spoke out of turn.'
}

function split(vectors: Float32Array, count: number): readonly Float32Array[] {
  const dimensions = vectors.length / count
  return Array.from({ length: count }, (_, index) =>
    vectors.slice(index * dimensions, (index + 1) * dimensions),
  )
}
