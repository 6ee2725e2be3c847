import { expect, test } from 'vitest'
import { AppError } from '../core/errors.ts'
import type { ObjectStore } from '../core/ports/object-store.ts'
import { resilientObjects } from './resilient-objects.ts'

const outage = () => new AppError('provider_unavailable', 'It is away.')
const QUICK = { maxRetries: 2, initialDelayMs: 1, maxDelayMs: 5 }
const PATIENCE = { timeoutMs: 60_000, retries: QUICK }

function storeWith(parts: Partial<ObjectStore>): ObjectStore {
  const never = () => Promise.reject(new Error('It was not to be called.'))
  return {
    write: never,
    find: never,
    open: never,
    delete: never,
    list: async function* () {},
    ...parts,
  }
}

const found = { key: 'a', bytes: 6, version: '1', modifiedAt: new Date(0) }

test('what fails for the moment is tried again', async () => {
  let calls = 0
  const find = async () => {
    calls += 1
    if (calls < 3) throw outage()
    return found
  }

  expect(await resilientObjects(storeWith({ find }), PATIENCE).find('a')).toBe(found)
})

test('a refusal is not tried again', async () => {
  let calls = 0
  const find = async () => {
    calls += 1
    throw new AppError('provider_rejected', 'No.')
  }
  await expect(resilientObjects(storeWith({ find }), PATIENCE).find('a')).rejects.toThrow('No.')

  expect(calls).toBe(1)
})

test('a store that goes on failing is left alone', async () => {
  let calls = 0
  const find = async () => {
    calls += 1
    throw outage()
  }
  const objects = resilientObjects(storeWith({ find }), PATIENCE)
  for (let call = 0; call < 6; call += 1) await objects.find('a').catch(() => undefined)

  expect(objects.state()).toBe('open')
  expect(calls).toBeLessThan(10)
})

test('a store that is silent counts as failed, and its work is ended', async () => {
  const reasons: unknown[] = []
  const find = (_key: string, signal?: AbortSignal) =>
    new Promise<null>(() => signal?.addEventListener('abort', () => reasons.push(signal.reason)))
  const retries = { ...QUICK, maxRetries: 0 }
  const objects = resilientObjects(storeWith({ find }), { timeoutMs: 5, retries })

  await expect(objects.find('a')).rejects.toMatchObject({ code: 'provider_unavailable' })
  expect(reasons).toHaveLength(1)
})

test('a write is begun again with the whole content', async () => {
  const written: string[] = []
  const write: ObjectStore['write'] = async (_key, content) => {
    const text = Buffer.concat(await Array.fromAsync(content.read())).toString()
    written.push(text)
    if (written.length === 1) throw outage()
  }
  const content = {
    bytes: 6,
    async *read() {
      yield Buffer.from('gra')
      yield Buffer.from('nit')
    },
  }
  await resilientObjects(storeWith({ write }), PATIENCE).write('a', content)

  expect(written).toEqual(['granit', 'granit'])
})

function breaking(version: (call: number) => string) {
  const whole = Buffer.from('granit')
  let calls = 0
  const open: ObjectStore['open'] = async (_key, range) => {
    const call = (calls += 1)
    const { start, end } = range ?? { start: 0, end: whole.length }
    return {
      bytes: whole.length,
      version: version(call),
      content: (async function* () {
        for (let at = start; at < end; at += 1) {
          if (call < 3 && at === start + 2) throw outage()
          yield whole.subarray(at, at + 1)
        }
      })(),
    }
  }
  return resilientObjects(storeWith({ open }), PATIENCE)
}

test('content that breaks off is gone on with where it did', async () => {
  const opened = await breaking(() => '1').open('a', { start: 1, end: 6 })

  expect(String(Buffer.concat(await Array.fromAsync(opened?.content ?? [])))).toBe('ranit')
})

test('content that has become another is not gone on with', async () => {
  const opened = await breaking(String).open('a')

  await expect(Array.fromAsync(opened?.content ?? [])).rejects.toThrow('It is away.')
})
