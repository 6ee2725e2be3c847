import { expect, test } from 'vitest'
import { runEmbeddingPool } from './embedding-pool.ts'
import { createEmbeddingQueue } from './embedding-queue.ts'
import type { EmbeddingThread } from './embedding-thread.ts'

/** Dies over the text `die`, fails over the text `fail`. */
function fakeThread(): EmbeddingThread {
  let ended = false
  return {
    async embed(texts) {
      if (texts.includes('die')) ended = true
      if (ended || texts.includes('fail')) throw new Error('internal detail')
      return texts.map(() => new Float32Array([1]))
    },
    hasEnded: () => ended,
    async stop() {
      ended = true
    },
  }
}

function startPool(start: () => Promise<EmbeddingThread>) {
  const queue = createEmbeddingQueue()
  const ended = runEmbeddingPool({ queue, first: fakeThread(), threads: 1, start })
  const embed = (text: string) => queue.add({ texts: [text], kind: 'query', signal: undefined })
  return { queue, ended, embed }
}

test('a thread that dies fails its texts and is replaced', async () => {
  let started = 0
  const { embed } = startPool(async () => {
    started += 1
    return fakeThread()
  })
  await expect(embed('die')).rejects.toMatchObject({ code: 'provider_unavailable' })
  await expect(embed('fine')).resolves.toHaveLength(1)
  expect(started).toBe(1)
})

test('a text that kills every thread does not take the model from the others', async () => {
  const { embed } = startPool(async () => fakeThread())
  for (let attempt = 0; attempt < 5; attempt += 1) await expect(embed('die')).rejects.toThrow()
  await expect(embed('fine')).resolves.toHaveLength(1)
})

test('a failure that the thread survives costs no restart', async () => {
  const { embed } = startPool(() => Promise.reject(new Error('no second thread')))
  await expect(embed('fail')).rejects.toMatchObject({ code: 'provider_unavailable' })
  await expect(embed('fine')).resolves.toHaveLength(1)
})

test('when no thread can be started any more, every call is refused', async () => {
  const { embed, ended } = startPool(() => Promise.reject(new Error('no weights')))
  await expect(embed('die')).rejects.toThrow()
  await expect(embed('one')).rejects.toThrow()
  await expect(embed('two')).rejects.toThrow()
  await ended
  await expect(embed('three')).rejects.toMatchObject({
    code: 'provider_unavailable',
    message: expect.stringContaining('ragstone doctor'),
  })
})

test('it ends when the queue is closed', async () => {
  const { queue, ended } = startPool(async () => fakeThread())
  queue.close(new Error('closed'))
  await expect(ended).resolves.toBeUndefined()
})
