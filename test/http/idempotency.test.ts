import { setTimeout as delay } from 'node:timers/promises'
import { toFile } from 'openai'
import { expect, test } from 'vitest'
import { AppError } from '../../src/core/errors.ts'
import { plainAnswer } from './fake-answer.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
let keys = 0
const newKey = () => `key-${(keys += 1)}`
const under = (key: string) => ({ headers: { 'Idempotency-Key': key } })
const post = (path: string, body: object, key: string) =>
  fetch(`${world().url}/v1${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world().key}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(body),
  })
const upload = async (text = 'text', filename = 'a.txt') =>
  (
    await world().client.files.create({
      file: await toFile(Buffer.from(text), filename),
      purpose: 'assistants',
    })
  ).id

test('the same request with the same key is done once, and answered alike', async () => {
  const key = newKey()
  const first = await post('/vector_stores', { name: 'once', metadata: { a: '1' } }, key)
  const second = await post('/vector_stores', { metadata: { a: '1' }, name: 'once' }, key)

  expect(second.status).toBe(200)
  expect(second.headers.get('idempotency-replayed')).toBe('true')
  expect(await second.text()).toBe(await first.text())
})

test('another key is another request', async () => {
  const { vectorStores } = world().client

  expect((await vectorStores.create({ name: 'x' }, under(newKey()))).id).not.toBe(
    (await vectorStores.create({ name: 'x' }, under(newKey()))).id,
  )
})

test('a key that came with another request is refused', async () => {
  const key = newKey()
  const { vectorStores } = world().client
  await vectorStores.create({ name: 'x' }, under(key))

  await expect(vectorStores.create({ name: 'y' }, under(key))).rejects.toMatchObject({
    status: 400,
    code: 'idempotency_key_reused',
    param: 'Idempotency-Key',
  })
})

test('a key means nothing beyond its route and its tenant', async () => {
  const key = newKey()
  const stranger = world().clientFor(await world().newTenantKey())
  const own = await world().client.vectorStores.create({ name: 'x' }, under(key))

  expect((await world().client.conversations.create({}, under(key))).id).toMatch(/^conv_/)
  expect((await stranger.vectorStores.create({ name: 'x' }, under(key))).id).not.toBe(own.id)
})

test('an upload is known again by its bytes, name and fields', async () => {
  const key = newKey()
  const send = async (text: string, seconds = 3_600) =>
    world().client.files.create(
      {
        file: await toFile(Buffer.from(text), 'a.txt'),
        purpose: 'assistants',
        expires_after: { anchor: 'created_at', seconds },
      },
      under(key),
    )
  const first = await send('one')
  await delay(1_100)

  expect(await send('one')).toEqual(first)
  await expect(send('two')).rejects.toMatchObject({ code: 'idempotency_key_reused' })
  await expect(send('one', 7_200)).rejects.toMatchObject({ code: 'idempotency_key_reused' })
})

test('a refusal is given again as well', async () => {
  const key = newKey()
  const missing = { file_ids: ['file-none'] }
  const first = await post('/vector_stores', missing, key)
  const second = await post('/vector_stores', missing, key)

  expect([first.status, second.status]).toEqual([404, 404])
  expect(await second.text()).toBe(await first.text())
})

test('a failure of ours is not remembered', async () => {
  const key = newKey()
  world().answer.script([new AppError('provider_unavailable', 'The model is away.')])
  const first = await post('/responses', { input: 'x' }, key)
  world().answer.script(plainAnswer())
  const second = await post('/responses', { input: 'x' }, key)

  expect([first.status, second.status]).toEqual([503, 200])
})

test('an answer is not generated twice', async () => {
  world().answer.script(plainAnswer())
  for (const path of ['/responses', '/chat/completions']) {
    const key = newKey()
    const body =
      path === '/responses'
        ? { input: 'x' }
        : { model: 'extractive', messages: [{ role: 'user', content: 'x' }] }
    const before = world().answer.questions.length
    const [first, second] = [await post(path, body, key), await post(path, body, key)]

    expect(await second.text()).toBe(await first.text())
    expect(world().answer.questions.length).toBe(before + 1)
  }
})

test('a stream takes no notice of the key', async () => {
  world().answer.script(plainAnswer())
  const key = newKey()
  const body = { input: 'x', stream: true }
  const ask = async () => (await (await post('/responses', body, key)).text()).length
  const before = world().answer.questions.length

  expect(await ask()).toBeGreaterThan(0)
  expect(await ask()).toBeGreaterThan(0)
  expect(world().answer.questions.length).toBe(before + 2)
})

test('of two at the same time one does the work, and the other is told to wait', async () => {
  const started = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const wait = () => {
    started.resolve()
    return go.promise
  }
  world().answer.script([wait, ...plainAnswer()])
  const key = newKey()
  const first = post('/responses', { input: 'x' }, key)
  await started.promise
  const second = await post('/responses', { input: 'x' }, key)
  go.resolve()

  expect(second.status).toBe(409)
  expect(Number(second.headers.get('retry-after-ms'))).toBeGreaterThan(0)
  expect((await first).status).toBe(200)
  expect((await post('/responses', { input: 'x' }, key)).status).toBe(200)
})

test('a crowd with one key gets one thing', async () => {
  const key = newKey()
  const client = world().clientFor(world().key).withOptions({ maxRetries: 5 })
  const made = await Promise.all(
    Array.from({ length: 6 }, () => client.vectorStores.create({ name: 'crowd' }, under(key))),
  )

  expect(new Set(made.map(({ id }) => id)).size).toBe(1)
})

test('files of stores and batches are taken once too', async () => {
  const { vectorStores } = world().client
  const { id: storeId } = await vectorStores.create({ name: 'x' })
  const fileId = await upload()
  const [fileKey, batchKey] = [newKey(), newKey()]
  const file = () => vectorStores.files.create(storeId, { file_id: fileId }, under(fileKey))
  const batch = () =>
    vectorStores.fileBatches.create(storeId, { file_ids: [fileId] }, under(batchKey))

  expect(await file()).toEqual(await file())
  expect((await batch()).id).toBe((await batch()).id)
})

test('a key names the thing that is changed', async () => {
  const { vectorStores } = world().client
  const key = newKey()
  const [one, other] = [
    await vectorStores.create({ name: 'x' }),
    await vectorStores.create({ name: 'x' }),
  ]
  const fileId = await upload()
  await vectorStores.files.create(one.id, { file_id: fileId }, under(key))

  await expect(
    vectorStores.files.create(other.id, { file_id: fileId }, under(key)),
  ).rejects.toMatchObject({ code: 'idempotency_key_reused' })
})

test('a key that is none is refused', async () => {
  await expect(
    world().client.vectorStores.create({ name: 'x' }, under('k'.repeat(256))),
  ).rejects.toMatchObject({ status: 400, param: 'Idempotency-Key' })
})
