import { expect, test } from 'vitest'
import { createEmbeddingQueue, type Slice } from './embedding-queue.ts'

const LONG = 'x'.repeat(2_000)

function request(texts: readonly string[], kind: 'passage' | 'query', signal?: AbortSignal) {
  return { texts, kind, signal }
}

async function take(queue: ReturnType<typeof createEmbeddingQueue>): Promise<Slice> {
  const slice = await queue.take()
  if (slice === null) throw new Error('The queue is closed.')
  return slice
}

/** A vector that says which text it is for. */
function vectorsFor(slice: Slice): Float32Array[] {
  return slice.texts.map((text) => new Float32Array([text.length]))
}

test('a question goes before passages that wait', async () => {
  const queue = createEmbeddingQueue()
  void queue.add(request([LONG, LONG], 'passage'))
  void queue.add(request(['why?'], 'query'))
  expect((await take(queue)).texts).toEqual(['why?'])
})

test('requests of one kind take turns', async () => {
  const queue = createEmbeddingQueue()
  void queue.add(request([`${LONG}1`, `${LONG}2`], 'passage'))
  void queue.add(request(['other'], 'passage'))
  expect((await take(queue)).texts).toEqual([`${LONG}1`])
  expect((await take(queue)).texts).toEqual(['other'])
  expect((await take(queue)).texts).toEqual([`${LONG}2`])
})

test('what somebody waits for goes before what nobody does, and leaves it every eighth turn', async () => {
  const queue = createEmbeddingQueue()
  void queue.add(request([LONG, LONG], 'passage'))
  const awaited = Array.from({ length: 8 }, (_, at) => `${LONG}${at}`)
  void queue.add({ ...request(awaited, 'passage'), tenantId: 'a' })
  const taken: string[] = []
  for (let turn = 0; turn < 9; turn += 1) taken.push(...(await take(queue)).texts)

  expect(taken).toEqual([...awaited.slice(0, 7), LONG, awaited[7]])
})

test('a tenant that had little lately goes before one that had much, whatever that one has waiting', async () => {
  const queue = createEmbeddingQueue(() => 0)
  const ask = (tenantId: string, text: string) =>
    void queue.add({ ...request([text], 'passage'), tenantId })
  for (let at = 0; at < 4; at += 1) ask('much', `${LONG}${at}`)
  await take(queue)
  ask('little', 'why')

  expect((await take(queue)).texts).toEqual(['why'])
  expect((await take(queue)).texts).toEqual([`${LONG}1`])
})

test('short texts travel together', async () => {
  const queue = createEmbeddingQueue()
  void queue.add(request(['a', 'b', 'c'], 'passage'))
  expect((await take(queue)).texts).toEqual(['a', 'b', 'c'])
})

test('vectors come back in the order of the texts, whichever slice is done first', async () => {
  const queue = createEmbeddingQueue()
  const vectors = queue.add(request([LONG, `${LONG}!`], 'passage'))
  const first = await take(queue)
  const second = await take(queue)
  second.resolve(vectorsFor(second))
  first.resolve(vectorsFor(first))
  expect((await vectors).map((vector) => vector[0])).toEqual([2000, 2001])
})

test('aborting rejects at once and drops what nobody has taken', async () => {
  const queue = createEmbeddingQueue()
  const controller = new AbortController()
  const dropped = queue.add(request([LONG, LONG], 'passage', controller.signal))
  const taken = await take(queue)
  controller.abort(new Error('gone'))
  await expect(dropped).rejects.toThrow('gone')
  taken.resolve(vectorsFor(taken))
  void queue.add(request(['next'], 'passage'))
  expect((await take(queue)).texts).toEqual(['next'])
})

test('a failed slice fails its request and no other', async () => {
  const queue = createEmbeddingQueue()
  const failing = queue.add(request([LONG], 'passage'))
  const fine = queue.add(request(['b'], 'passage'))
  const first = await take(queue)
  first.reject(new Error('crash'))
  const second = await take(queue)
  second.resolve(vectorsFor(second))
  await expect(failing).rejects.toThrow('crash')
  await expect(fine).resolves.toHaveLength(1)
})

test('closing rejects what waits, what is taken and what comes later, and frees the threads', async () => {
  const queue = createEmbeddingQueue()
  const taken = queue.add(request(['a'], 'query'))
  await take(queue)
  const thread = queue.take()
  queue.close(new Error('closed'))
  await expect(taken).rejects.toThrow('closed')
  await expect(queue.add(request(['b'], 'query'))).rejects.toThrow('closed')
  expect(await thread).toBeNull()
})

test('no texts need no thread', async () => {
  expect(await createEmbeddingQueue().add(request([], 'passage'))).toEqual([])
})
