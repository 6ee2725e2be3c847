import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

test('the registry is listed, and each vector store as a model of its own', async () => {
  const { id } = await world().client.vectorStores.create({ name: 'papers' })
  const models = await Array.fromAsync(world().client.models.list())

  expect(models.map((model) => model.id)).toEqual(
    expect.arrayContaining(['extractive', 'llama', id]),
  )
  expect(models.find((model) => model.id === id)).toMatchObject({ name: 'papers', object: 'model' })
})

test('a model is retrieved by its name, a vector store by its id', async () => {
  const { id } = await world().client.vectorStores.create({})

  expect((await world().client.models.retrieve('llama')).owned_by).toBe('openai-compatible')
  expect((await world().client.models.retrieve(id)).owned_by).toBe('ragstone')
})

test('a model answers to the name that the configuration has for it', async () => {
  const { models, embeddings } = world().client
  const { data } = await embeddings.create({ model: 'Bag of Words', input: 'red stone' })

  expect((await models.retrieve('Bag of Words')).id).toBe('bag-of-words')
  expect(data).toHaveLength(1)
})

test('an unknown model is not found', async () => {
  await expect(world().client.models.retrieve('gpt-9')).rejects.toThrow(OpenAI.NotFoundError)
})

test('texts become vectors, as numbers and in base64 alike', async () => {
  const { embeddings } = world().client
  const body = { model: 'bag-of-words', input: ['red stone', 'blue sea'] }
  const plain = await embeddings.create({ ...body, encoding_format: 'float' })
  // The client asks for base64 by itself and decodes it.
  const packed = await embeddings.create(body)

  expect(plain.data).toHaveLength(2)
  expect(plain.data[0]?.embedding).toHaveLength(32)
  expect(packed.data.map(({ embedding }) => [...embedding])).toEqual(
    plain.data.map(({ embedding }) => embedding),
  )
})

test('base64 is what it says', async () => {
  const answer = await world().client.embeddings.create({
    model: 'bag-of-words',
    input: 'red stone',
    encoding_format: 'base64',
  })

  expect(Buffer.from(answer.data[0]?.embedding ?? '', 'base64')).toHaveLength(32 * 4)
})

test.each([
  ['dimensions', { dimensions: 8 }, 400],
  ['input', { input: [1, 2, 3] }, 400],
  ['input[1]', { input: ['a', ' '] }, 400],
  ['input', { input: [] }, 400],
  ['model', { model: 'text-embedding-3-small' }, 404],
])('%s is refused where it is at fault', async (param, fields, status) => {
  await expect(
    world().client.embeddings.create({ model: 'bag-of-words', input: 'x', ...fields }),
  ).rejects.toMatchObject({ status, param })
})

test('without an embedding model there are no embeddings', async () => {
  const { url } = await world().listen({ embeddingModels: [] })
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: world().key })

  await expect(client.embeddings.create({ model: 'bag-of-words', input: 'x' })).rejects.toThrow(
    /no embedding model/,
  )
})
