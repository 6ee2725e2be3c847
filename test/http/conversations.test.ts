import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { finishedWith, plainAnswer } from './fake-answer.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const conversations = () => world().client.conversations
const said = (role: 'assistant' | 'user', content: string) => ({
  type: 'message' as const,
  role,
  content,
})
const textsOf = async (id: string, order: 'asc' | 'desc' = 'asc') => {
  const texts: string[] = []
  for await (const item of conversations().items.list(id, { order, limit: 2 })) {
    texts.push(
      item.type === 'message' ? item.content.map((part) => Object(part).text).join('') : item.type,
    )
  }
  return texts
}

test('a conversation is one of OpenAI', async () => {
  const made = await conversations().create({ metadata: { topic: 'lease' } })

  expect(made).toEqual({
    id: expect.stringMatching(/^conv_/),
    object: 'conversation',
    created_at: expect.any(Number),
    metadata: { topic: 'lease' },
  })
  expect(await conversations().retrieve(made.id)).toEqual(made)
})

test('a conversation may be made without saying anything', async () => {
  expect((await conversations().create()).metadata).toEqual({})
})

test('an update changes the metadata', async () => {
  const { id } = await conversations().create({ metadata: { a: '1' } })
  await conversations().update(id, { metadata: { b: '2' } })

  expect((await conversations().retrieve(id)).metadata).toEqual({ b: '2' })
})

test('a deleted conversation is gone', async () => {
  const { id } = await conversations().create()

  expect(await conversations().delete(id)).toEqual({
    id,
    object: 'conversation.deleted',
    deleted: true,
  })
  await expect(conversations().retrieve(id)).rejects.toThrow(OpenAI.NotFoundError)
  await expect(conversations().items.list(id)).rejects.toThrow(OpenAI.NotFoundError)
})

test('items are listed page by page in either order', async () => {
  const { id } = await conversations().create({ items: [said('user', 'one')] })
  await conversations().items.create(id, {
    items: [said('assistant', 'two'), said('user', 'three')],
  })

  expect(await textsOf(id)).toEqual(['one', 'two', 'three'])
  expect(await textsOf(id, 'desc')).toEqual(['three', 'two', 'one'])
})

test('an added item is given back whole, and can be looked up', async () => {
  const { id } = await conversations().create()
  const added = await conversations().items.create(id, { items: [said('assistant', 'two')] })
  const [item] = added.data

  expect(added).toMatchObject({ object: 'list', has_more: false, first_id: item?.id })
  expect(item).toEqual({
    id: expect.stringMatching(/^msg_/),
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: 'two', annotations: [], logprobs: [] }],
  })
  const at = { conversation_id: id }
  expect(await conversations().items.retrieve(added.first_id, at)).toEqual(item)
})

test('a deleted item is gone, and the conversation is given back', async () => {
  const { id } = await conversations().create({
    items: [said('user', 'one'), said('user', 'two')],
  })
  const [first] = (await conversations().items.list(id, { order: 'asc' })).data
  const itemId = Object(first).id as string
  const gone = await conversations().items.delete(itemId, { conversation_id: id })

  expect(gone).toMatchObject({ id, object: 'conversation' })
  expect(await textsOf(id)).toEqual(['two'])
  await expect(
    conversations().items.retrieve(itemId, { conversation_id: id }),
  ).rejects.toMatchObject({ status: 404 })
})

test('more than twenty items at a time are refused', async () => {
  const items = Array.from({ length: 21 }, () => said('user', 'x'))

  await expect(conversations().create({ items })).rejects.toMatchObject({
    status: 400,
    param: 'items',
  })
})

test('an item that cannot be kept is named by its place', async () => {
  const items = [said('user', 'x'), { type: 'message' as const, role: 'user' as const, content: 5 }]

  await expect(conversations().create({ items: items as never })).rejects.toMatchObject({
    status: 400,
    param: 'items[1].content',
  })
})

test('a cursor of another list is refused', async () => {
  const { id } = await conversations().create()

  await expect(conversations().items.list(id, { after: 'msg_none' })).rejects.toMatchObject({
    status: 400,
    param: 'after',
  })
})

test('a conversation of another tenant is not found', async () => {
  const { id } = await conversations().create({ items: [said('user', 'x')] })
  const stranger = world().clientFor(await world().newTenantKey())

  await expect(stranger.conversations.retrieve(id)).rejects.toMatchObject({ status: 404 })
  await expect(stranger.conversations.items.list(id)).rejects.toMatchObject({ status: 404 })
  await expect(stranger.responses.create({ input: 'x', conversation: id })).rejects.toMatchObject({
    status: 404,
    param: 'conversation',
  })
})

test('a response goes on from its conversation and is added to it', async () => {
  world().answer.script(plainAnswer())
  const { id } = await conversations().create({
    items: [said('user', 'What is the rent?'), said('assistant', '900 a month.')],
  })
  const response = await world().client.responses.create({ input: 'And notice?', conversation: id })

  expect(response.conversation).toEqual({ id })
  expect(world().answer.questions.at(-1)).toMatchObject({
    text: 'And notice?',
    history: [
      { role: 'user', text: 'What is the rent?' },
      { role: 'assistant', text: '900 a month.' },
    ],
  })
  expect(await textsOf(id)).toEqual([
    'What is the rent?',
    '900 a month.',
    'And notice?',
    'file_search_call',
    'Sixty days. [1]',
  ])
})

test('the next response hears what the one before it said', async () => {
  world().answer.script(plainAnswer())
  const { id } = await conversations().create()
  await world().client.responses.create({ input: 'How long?', conversation: { id } })
  await world().client.responses.create({ input: 'Why?', conversation: { id } })

  expect(world().answer.questions.at(-1)?.history).toEqual([
    { role: 'user', text: 'How long?' },
    { role: 'assistant', text: 'Sixty days. [1]' },
  ])
})

test('a streamed response is added as well', async () => {
  world().answer.script(plainAnswer())
  const { id } = await conversations().create()
  const stream = world().client.responses.stream({ input: 'How long?', conversation: id })
  await stream.finalResponse()

  expect(await textsOf(id)).toEqual(['How long?', 'file_search_call', 'Sixty days. [1]'])
})

test('a response that is not stored is part of its conversation all the same', async () => {
  world().answer.script(plainAnswer())
  const { id } = await conversations().create()
  const response = await world().client.responses.create({
    input: 'How long?',
    conversation: id,
    store: false,
  })

  expect(await textsOf(id)).toHaveLength(3)
  await expect(world().client.responses.retrieve(response.id)).rejects.toMatchObject({
    status: 404,
  })
})

test('the passages of a conversation are given to those who ask for them', async () => {
  world().answer.script(plainAnswer())
  const { id } = await conversations().create()
  await world().client.responses.create({ input: 'How long?', conversation: id })
  const search = async (include: OpenAI.Responses.ResponseIncludable[]) =>
    (await conversations().items.list(id, { include })).data.find(
      (item) => item.type === 'file_search_call',
    )

  expect(await search([])).toMatchObject({ results: null })
  expect(await search(['file_search_call.results'])).toMatchObject({ results: expect.any(Array) })
})

test('a conversation and a previous response at once are refused', async () => {
  world().answer.script(plainAnswer())
  const { id } = await conversations().create()
  const before = await world().client.responses.create({ input: 'x' })

  await expect(
    world().client.responses.create({
      input: 'y',
      conversation: id,
      previous_response_id: before.id,
    }),
  ).rejects.toMatchObject({ status: 400, code: 'mutually_exclusive_parameters' })
})

test('responses at the same time keep their turns together', async () => {
  world().answer.script([finishedWith({ text: 'An answer.' })])
  const { id } = await conversations().create()
  const inputs = ['a', 'b', 'c', 'd', 'e']
  await Promise.all(
    inputs.map((input) => world().client.responses.create({ input, conversation: id })),
  )
  const texts = await textsOf(id)
  const turns = inputs.map((_, index) => texts.slice(index * 3, index * 3 + 3))

  expect(new Set(turns.map(([question]) => question))).toEqual(new Set(inputs))
  expect(turns.map((turn) => turn.slice(1))).toEqual(
    inputs.map(() => ['file_search_call', 'An answer.']),
  )
})
