import { expect, test } from 'vitest'
import { startEmbeddingThread } from './embedding-thread.ts'
import { findModelFiles } from './model-files.ts'

async function startThread() {
  const files = await findModelFiles({ directories: [] })
  if (files === null) throw new Error('The default model is not installed.')
  return startEmbeddingThread(files)
}

test('a thread that ends over a call rejects it, and says that it has ended', async () => {
  const thread = await startThread()
  const embedding = expect(thread.embed(['word '.repeat(400)])).rejects.toThrow('The thread ended')
  await thread.stop()
  await embedding
  expect(thread.hasEnded()).toBe(true)
})

test('a thread that has ended refuses at once', async () => {
  const thread = await startThread()
  await thread.stop()
  await expect(thread.embed(['a'])).rejects.toThrow('has ended')
})

test('a text the model fails on does not end the thread', async () => {
  const thread = await startThread()
  await expect(thread.embed([null as unknown as string])).rejects.toThrow()
  expect(thread.hasEnded()).toBe(false)
  await expect(thread.embed(['fine'])).resolves.toHaveLength(1)
  await thread.stop()
})
