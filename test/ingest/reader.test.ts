import { afterAll, expect, test } from 'vitest'
import { AppError } from '../../src/core/errors.ts'
import { createReader, type Reader, type ReadRequest } from '../../src/ingest/reader.ts'
import { LIMITS, utf8 } from './sample-files.ts'

const tokenizer = {
  module: new URL('./fake-tokenizer.ts', import.meta.url).href,
  options: null,
}
const opened: Reader[] = []
afterAll(async () => {
  await Promise.all(opened.map((reader) => reader.close()))
})

function open(overrides: Partial<Parameters<typeof createReader>[0]> = {}): Reader {
  const reader = createReader({ limits: LIMITS, threads: 1, tokenizer, ...overrides })
  opened.push(reader)
  return reader
}

function request(text: string, filename = 'notes.txt'): ReadRequest {
  return { bytes: utf8(text), filename, chunkSize: { maxTokens: 50, overlapTokens: 0 } }
}

const never = new AbortController().signal

async function failureOf(work: Promise<unknown>): Promise<AppError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof AppError)) throw new Error('expected an AppError', { cause: error })
  return error
}

test('a file becomes its text and chunks of it', async () => {
  const text = 'First paragraph, größer.\n\nSecond paragraph.'
  const { document, chunks } = await open().read(request(text), never)
  expect(document.text).toBe(text)
  expect(document.blocks).toHaveLength(2)
  for (const chunk of chunks) {
    expect(chunk.text).toBe(Buffer.from(text).subarray(chunk.start, chunk.end).toString())
  }
})

test('an error of the file crosses the thread boundary as an AppError', async () => {
  const failure = await failureOf(open().read(request('{"a": [1, ', 'a.json'), never))
  expect(failure.code).toBe('file_malformed')
  expect(failure.message).toContain('not valid JSON')
})

test('the next file is read by the same thread', async () => {
  const reader = open()
  const which = async (): Promise<number | undefined> => {
    const chunkSize = { maxTokens: 10_000, overlapTokens: 0 }
    const { chunks } = await reader.read({ ...request('WHICH THREAD'), chunkSize }, never)
    return chunks[0]?.tokens
  }
  const first = await which()
  expect(first).toBeGreaterThan(0)
  expect(await which()).toBe(first)
})

test('a fault of ours is no AppError, and the next file is read', async () => {
  const reader = open()
  await expect(reader.read(request('FAULT'), never)).rejects.toThrow('a fault of ours')
  await expect(reader.read(request('fine'), never)).resolves.toBeDefined()
})

test('a file that takes too long fails with parse_timeout, and the next one is read', async () => {
  const reader = open({ limits: { ...LIMITS, maxSeconds: 1 } })
  const failure = await failureOf(reader.read(request('HANG'), never))
  expect(failure.code).toBe('parse_timeout')
  await expect(reader.read(request('fine'), never)).resolves.toBeDefined()
})

test('time in the queue does not count as reading time', async () => {
  const reader = open({ limits: { ...LIMITS, maxSeconds: 1 } })
  const files = ['HANG one', 'HANG two', 'fine'].map((text) =>
    reader.read(request(text), never).then(
      () => 'read',
      (error: AppError) => error.code,
    ),
  )
  expect(await Promise.all(files)).toEqual(['parse_timeout', 'parse_timeout', 'read'])
})

test('aborting ends the thread and throws the reason', async () => {
  const reader = open()
  const controller = new AbortController()
  const reading = reader.read(request('HANG'), controller.signal)
  setTimeout(() => controller.abort(new Error('no longer wanted')), 300)
  await expect(reading).rejects.toThrow('no longer wanted')
  await expect(reader.read(request('fine'), never)).resolves.toBeDefined()
})

test('a file that eats the memory fails with file_too_large, and the next one is read', async () => {
  const reader = open({ maxHeapMegabytes: 64 })
  const failure = await failureOf(reader.read(request('DEVOUR'), never))
  expect(failure.code).toBe('file_too_large')
  await expect(reader.read(request('fine'), never)).resolves.toBeDefined()
})

test('a file that ends the thread fails with file_malformed, and the next one is read', async () => {
  const reader = open()
  const failure = await failureOf(reader.read(request('EXIT'), never))
  expect(failure.code).toBe('file_malformed')
  await expect(reader.read(request('fine'), never)).resolves.toBeDefined()
})

test('a tokenizer that cannot be loaded is not the fault of the file', async () => {
  const reader = open({ tokenizer: { module: 'file:///nowhere/tokenizer.ts', options: null } })
  const error: unknown = await reader
    .read(request('fine'), never)
    .catch((reason: unknown) => reason)
  expect(error).not.toBeInstanceOf(AppError)
})

test('closing ends what is under way with shutting_down', async () => {
  const reader = open()
  const reading = failureOf(reader.read(request('HANG'), never))
  setTimeout(() => void reader.close(), 300)
  expect((await reading).code).toBe('shutting_down')
  expect((await failureOf(reader.read(request('fine'), never))).code).toBe('shutting_down')
})

test('several threads read at the same time', async () => {
  const reader = open({ threads: 2 })
  const controller = new AbortController()
  const stuck = reader.read(request('HANG'), controller.signal).catch(() => 'aborted')
  await expect(reader.read(request('fine'), never)).resolves.toBeDefined()
  controller.abort()
  expect(await stuck).toBe('aborted')
})
