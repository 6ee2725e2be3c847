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

test('both models are asked, and each is judged by what was expected', async () => {
  const { backend, deps } = world()
  await deps.embeddings.begin(world().tenantId, { model: 'bag-of-words', rate: null })
  await backend.pool.query(
    `update embedding_migrations set status = 'ready', from_model = $1, from_space = 'before'
     where ended_at is null`,
    [OTHER],
  )
  world().found = [exampleChunk()]
  const { filename, text } = exampleChunk()
  const questions = [
    { question: 'What?', expected: [{ file: filename, quote: text.slice(0, 10) }] },
    { question: 'Who?', expected: [{ file: 'another.txt' }] },
    { question: 'When?' },
  ]

  expect(await step('compare', { questions })).toMatchObject({
    status: 200,
    body: {
      old_model: OTHER,
      new_model: 'bag-of-words',
      questions: 3,
      judged: 2,
      overlap_at_10: 1,
      old: { recall_at_10: 0.5, ndcg_at_10: 0.5 },
      new: { recall_at_10: 0.5, ndcg_at_10: 0.5 },
      differing: [],
    },
  })
})
