import { afterEach, expect, test } from 'vitest'
import { exampleChunk } from './fake-answer.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const OTHER = 'bag-of-more-words'

async function call(route: string, body?: object, key?: string) {
  const [method = '', path = ''] = route.split(' ')
  const operator = key ?? (await world().newKey(['operator']))
  const response = await fetch(`${world().url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${operator}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const step = (name: string, body: object = {}) => call(`POST /api/embeddings/${name}`, body)

afterEach(async () => {
  await step('cancel')
  const { vectorStores } = world().client
  for await (const { id } of vectorStores.list()) await vectorStores.delete(id)
})

test('a key of a tenant may not look at what is everybody’s', async () => {
  expect(await call('GET /api/embeddings', undefined, world().key)).toMatchObject({ status: 403 })
})

test('an estimate names the model, its dimensions and its disk', async () => {
  expect(await step('estimate', { model: OTHER })).toMatchObject({
    status: 200,
    body: { to: OTHER, dimensions: 64, chunks: 0, cost: null, seconds: null, bytes: 0 },
  })
})

test('a model that the configuration does not name is not found', async () => {
  expect(await step('migrate', { model: 'unheard-of' })).toMatchObject({
    status: 404,
    body: { error: { param: 'model' } },
  })
})

test('a migration is begun once', async () => {
  expect(await step('migrate', { model: OTHER, chunks_per_second: 5 })).toMatchObject({
    status: 200,
    body: { to: OTHER, status: 'planned', chunks_per_second_allowed: 5 },
  })
  expect(await step('migrate', { model: OTHER })).toMatchObject({ status: 409 })
})

test('what is begun is shown', async () => {
  await step('migrate', { model: OTHER })

  expect(await call('GET /api/embeddings')).toMatchObject({
    body: { migration: { to: OTHER, status: 'planned' }, progress: null },
  })
})

test.each(['cut-over', 'roll-back', 'drop-old', 'cancel'])(
  'without a migration there is nothing to %s',
  async (name) => {
    expect(await step(name)).toMatchObject({ status: 409 })
  },
)

test('a rate of nothing is refused', async () => {
  const body = { model: OTHER, chunks_per_second: 0 }

  expect(await step('migrate', body)).toMatchObject({ status: 400 })
})

test('what operators do is in the audit log', async () => {
  await step('migrate', { model: OTHER })
  await step('cancel')
  await world().sealAudit()
  const { body } = await call('GET /api/audit?limit=20', undefined, world().key)
  const entries = body['data'] as readonly { action: string; detail: object }[]

  expect(entries).toContainEqual(
    expect.objectContaining({
      action: 'embeddings.migrate',
      detail: expect.objectContaining({ model: OTHER }),
    }),
  )
  expect(entries.map(({ action }) => action)).toContain('embeddings.cancel')
})

/** As if both models had embedded everything. */
async function beReady(): Promise<void> {
  const { backend, deps } = world()
  await deps.embeddings.begin(world().tenantId, { model: 'bag-of-words', rate: null })
  await backend.pool.query(
    `update embedding_migrations set status = 'ready', from_model = $1, from_space = 'before'
     where ended_at is null`,
    [OTHER],
  )
}

test('both models are asked, and each is judged by what was expected', async () => {
  await beReady()
  world().found = [exampleChunk()]
  const { filename, text } = exampleChunk()
  const questions = [
    { question: 'What?', expected: [{ file: filename, quote: text.slice(0, 10) }] },
    { question: 'Who?', expected: [{ file: 'another.txt', quote: null }] },
    { question: 'When?' },
  ]

  expect(await step('compare', { questions })).toMatchObject({
    status: 200,
    body: {
      old_model: OTHER,
      new_model: 'bag-of-words',
      questions_from: 'given',
      questions: 3,
      left_out: 0,
      judged: 2,
      overlap_at_10: 1,
      old: { recall_at_10: 0.5, ndcg_at_10: 0.5 },
      new: { recall_at_10: 0.5, ndcg_at_10: 0.5 },
      differing: [],
    },
  })
})

test('without golden questions, what was asked lately is asked', async () => {
  await beReady()

  expect(await step('compare')).toMatchObject({
    status: 200,
    body: { questions_from: 'recent', questions: 0, left_out: 0, old: null },
  })
})

test('golden questions are asked of both models, each of its own store', async () => {
  await beReady()
  world().found = [exampleChunk()]
  const { filename, text } = exampleChunk()
  const stores: string[] = []
  for (const file of [filename, 'another.txt']) {
    const { id } = await world().client.vectorStores.create({ name: file })
    const expected = [{ file, quote: text.slice(0, 10) }]
    const questions = [{ question: `What is in ${file}?`, expected }]
    await call(`POST /api/vector_stores/${id}/golden_questions`, { questions }, world().key)
    stores.push(id)
  }
  world().searches.length = 0

  expect(await step('compare')).toMatchObject({
    status: 200,
    body: {
      questions_from: 'golden',
      questions: 2,
      judged: 2,
      left_out: 0,
      old: { recall_at_10: 0.5, ndcg_at_10: 0.5 },
    },
  })
  const asked = world().searches.map(({ text: question, vectorStoreIds }) => [
    question,
    ...vectorStoreIds,
  ])
  expect(new Set(asked.map((each) => each.join(' ')))).toEqual(
    new Set([`What is in ${filename}? ${stores[0]}`, `What is in another.txt? ${stores[1]}`]),
  )
  expect(asked).toHaveLength(4)
})

test('of more than a thousand golden questions a thousand are asked, and the others counted', async () => {
  await beReady()
  for (const count of [1_000, 40]) {
    const { id } = await world().client.vectorStores.create({ name: `${count}` })
    const questions = Array.from({ length: count }, (_, place) => ({ question: `${place}?` }))
    await call(`POST /api/vector_stores/${id}/golden_questions`, { questions }, world().key)
  }

  expect(await step('compare')).toMatchObject({
    body: { questions_from: 'golden', questions: 1_000, left_out: 40 },
  })
})

test('golden questions of another tenant are not asked', async () => {
  await beReady()
  const key = await world().newTenantKey()
  const { id } = await world().clientFor(key).vectorStores.create({ name: 'theirs' })
  const questions = [{ question: 'What is theirs?' }]
  await call(`POST /api/vector_stores/${id}/golden_questions`, { questions }, key)
  world().searches.length = 0
  await step('compare')

  expect(world().searches.map(({ text }) => text)).not.toContain('What is theirs?')
})
