import OpenAI, { toFile } from 'openai'
import { describe, expect, test } from 'vitest'
import { HANDBOOK, useServedLibrary } from './served-library.ts'

const library = useServedLibrary()
const QUESTION = 'How many days of leave are there?'

const upload = async (text: string, name = 'note.txt') =>
  library().client.files.create({
    file: await toFile(Buffer.from(text), name),
    purpose: 'assistants',
  })
const search = () => [{ type: 'file_search' as const, vector_store_ids: [library().storeId] }]

describe('files', () => {
  test('what was uploaded comes back to the byte', async () => {
    const content = await library().client.files.content(library().handbookId)

    expect(await content.text()).toBe(HANDBOOK)
  })

  test('are retrieved as they were made', async () => {
    const file = await upload('One.')

    expect(await library().client.files.retrieve(file.id)).toMatchObject({
      bytes: 4,
      filename: 'note.txt',
      id: file.id,
      purpose: 'assistants',
    })
  })

  test('are listed page by page, each once', async () => {
    const files = [await upload('1'), await upload('2'), await upload('3')]
    const listed = await Array.fromAsync(library().client.files.list({ limit: 2, order: 'asc' }))

    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(files.map(({ id }) => id)))
    expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length)
  })

  test('may be told when to expire', async () => {
    const file = await library().client.files.create({
      file: await toFile(Buffer.from('Short-lived.'), 'short.txt'),
      purpose: 'user_data',
      expires_after: { anchor: 'created_at', seconds: 3600 },
    })

    expect((file.expires_at ?? 0) - file.created_at).toBe(3600)
  })

  test('are gone once deleted', async () => {
    const { client } = library()
    const file = await upload('Gone.')
    await client.files.delete(file.id)

    await expect(client.files.retrieve(file.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  })
})

describe('vector stores', () => {
  test('are made with files, found, renamed and deleted', async () => {
    const { client } = library()
    const file = await upload('The printer is on the second floor.')
    const store = await client.vectorStores.create({
      name: 'Printers',
      file_ids: [file.id],
      expires_after: { anchor: 'last_active_at', days: 2 },
      metadata: { floor: '2' },
    })
    const updated = await client.vectorStores.update(store.id, { name: 'Print' })
    const listed = await Array.fromAsync(client.vectorStores.list({ limit: 1 }))
    const deleted = await client.vectorStores.delete(store.id)

    expect(store.file_counts.total).toBe(1)
    expect(updated).toMatchObject({ name: 'Print', metadata: { floor: '2' } })
    expect(listed.map(({ id }) => id)).toContain(store.id)
    expect(deleted).toEqual({ id: store.id, object: 'vector_store.deleted', deleted: true })
  })

  test('are searched, with a filter and a number of results', async () => {
    const { client, storeId } = library()
    const page = await client.vectorStores.search(storeId, {
      query: 'When does the canteen open?',
      max_num_results: 1,
      filters: {
        type: 'and',
        filters: [
          { type: 'eq', key: 'kind', value: 'news' },
          { type: 'gte', key: 'year', value: 2026 },
        ],
      },
    })

    expect(page.data).toMatchObject([
      { filename: 'letter.txt', attributes: { kind: 'news', year: 2026 } },
    ])
  })

  test('take a file and wait for it: createAndPoll', async () => {
    const { client, storeId } = library()
    const { id: file_id } = await upload('The bicycle shed is locked at nine.')
    const added = await client.vectorStores.files.createAndPoll(storeId, {
      file_id,
      attributes: { kind: 'rules' },
      chunking_strategy: {
        type: 'static',
        static: { max_chunk_size_tokens: 200, chunk_overlap_tokens: 20 },
      },
    })

    expect(added).toMatchObject({
      status: 'completed',
      last_error: null,
      attributes: { kind: 'rules' },
      chunking_strategy: { type: 'static', static: { max_chunk_size_tokens: 200 } },
    })
  })

  test('upload a file and wait for it: uploadAndPoll', async () => {
    const { client, storeId } = library()
    const text = 'Lost keys are kept at the reception.'
    const file = await toFile(Buffer.from(text), 'keys.txt')
    const added = await client.vectorStores.files.uploadAndPoll(storeId, file)
    const at = { vector_store_id: storeId }
    const content = await Array.fromAsync(client.vectorStores.files.content(added.id, at))

    expect(added.status).toBe('completed')
    expect(content.map((part) => part.text)).toEqual([text])
  })

  test('say of a file why it could not be read', async () => {
    const { client, storeId } = library()
    const file = await toFile(Buffer.from('%PDF-1.7 broken'), 'broken.pdf')
    const added = await client.vectorStores.files.uploadAndPoll(storeId, file)

    expect(added.status).toBe('failed')
    expect(added.last_error).toMatchObject({ code: 'invalid_file' })
  })

  test('list, relabel and let go of a file', async () => {
    const { client } = library()
    const store = await client.vectorStores.create({ name: 'Labels' })
    const { id: file_id } = await upload('Label me.')
    const at = { vector_store_id: store.id }
    await client.vectorStores.files.createAndPoll(store.id, { file_id })
    const updated = await client.vectorStores.files.update(file_id, {
      ...at,
      attributes: { seen: true },
    })
    const listed = await Array.fromAsync(
      client.vectorStores.files.list(store.id, { filter: 'completed' }),
    )
    await client.vectorStores.files.delete(file_id, at)
    const left = await Array.fromAsync(client.vectorStores.files.list(store.id))

    expect(updated.attributes).toEqual({ seen: true })
    expect(listed.map(({ id }) => id)).toEqual([file_id])
    expect(left).toEqual([])
  })

  test('upload many files and wait for them: fileBatches.uploadAndPoll', async () => {
    const { client, storeId } = library()
    const files = await Promise.all(
      ['a', 'b', 'c'].map((name) => toFile(Buffer.from(`Note ${name}.`), `${name}.txt`)),
    )
    const batch = await client.vectorStores.fileBatches.uploadAndPoll(storeId, { files })
    const at = { vector_store_id: storeId }
    const members = await Array.fromAsync(
      client.vectorStores.fileBatches.listFiles(batch.id, { ...at, limit: 2 }),
    )

    expect(batch).toMatchObject({ status: 'completed', file_counts: { completed: 3, total: 3 } })
    expect(members).toHaveLength(3)
  })

  test('cancel a batch', async () => {
    const { client, storeId } = library()
    const { id } = await upload('Too late.')
    const batch = await client.vectorStores.fileBatches.create(storeId, { file_ids: [id] })
    const at = { vector_store_id: storeId }
    await client.vectorStores.fileBatches.cancel(batch.id, at)
    const after = await client.vectorStores.fileBatches.retrieve(batch.id, at)

    expect(['cancelled', 'completed']).toContain(after.status)
  })
})

describe('embeddings', () => {
  test('are the same numbers as base64 and as floats', async () => {
    const { client } = library()
    const model = 'all-minilm-l6-v2-int8'
    const ask = { model, input: ['leave', 'canteen'] }
    const [packed, plain] = await Promise.all([
      client.embeddings.create(ask),
      client.embeddings.create({ ...ask, encoding_format: 'float' }),
    ])

    expect(plain.data[1]?.embedding).toHaveLength(384)
    expect(packed.data).toEqual(plain.data)
  })
})

describe('responses', () => {
  test('answer, cite and count', async () => {
    const response = await library().client.responses.create({
      model: 'extractive',
      input: QUESTION,
      tools: search(),
      include: ['file_search_call.results'],
    })
    const [call, message] = response.output

    expect(response.output_text).toContain('thirty days')
    expect(call).toMatchObject({
      type: 'file_search_call',
      results: expect.arrayContaining([expect.objectContaining({ filename: 'handbook.md' })]),
    })
    expect(message).toMatchObject({
      content: [{ annotations: [{ type: 'file_citation', filename: 'handbook.md' }, {}] }],
    })
    expect(response.usage?.total_tokens).toBeGreaterThan(0)
  })

  test('each cite is exactly the bytes it names', async () => {
    const { client, handbookId, storeId } = library()
    const response = await client.responses.create({
      model: 'extractive',
      input: QUESTION,
      tools: search(),
    })
    const at = { vector_store_id: storeId }
    const [page] = await Array.fromAsync(client.vectorStores.files.content(handbookId, at))
    const bytes = Buffer.from(page?.text ?? '')
    const proofs = proofsOf(response)

    expect(proofs.length).toBeGreaterThan(0)
    expect(proofs.map(({ start, end }) => bytes.subarray(start, end).toString())).toEqual(
      proofs.map(({ quote }) => quote),
    )
  })

  test('stream: the helper puts together what the events said', async () => {
    const seen: string[] = []
    const stream = library().client.responses.stream({
      model: 'extractive',
      input: QUESTION,
      tools: search(),
    })
    stream.on('response.output_text.delta', ({ delta }) => seen.push(delta))
    const response = await stream.finalResponse()

    expect(seen.join('')).toBe(response.output_text)
    expect(response.output_text).toContain('thirty days')
  })

  test('events are numbered from nought without a gap', async () => {
    const stream = await library().client.responses.create({
      model: 'extractive',
      input: QUESTION,
      tools: search(),
      stream: true,
    })
    const numbers = (await Array.fromAsync(stream)).map((event) => event.sequence_number)

    expect(numbers).toEqual(numbers.map((_number, index) => index))
  })

  test('are kept, found with their input, and deleted', async () => {
    const { client } = library()
    const made = await client.responses.create({
      model: 'extractive',
      input: QUESTION,
      tools: search(),
    })
    const found = await client.responses.retrieve(made.id)
    const items = await Array.fromAsync(client.responses.inputItems.list(made.id))
    await client.responses.delete(made.id)

    expect(found.output_text).toBe(made.output_text)
    expect(items).toMatchObject([{ role: 'user', content: [{ text: QUESTION }] }])
    await expect(client.responses.retrieve(made.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  })

  test('go on from an earlier one', async () => {
    const { client } = library()
    const ask = { model: 'extractive', tools: search() }
    const first = await client.responses.create({ ...ask, input: QUESTION })
    const next = await client.responses.create({
      ...ask,
      input: 'And what if they are not taken by March?',
      previous_response_id: first.id,
    })

    expect(next.previous_response_id).toBe(first.id)
    expect(next.output_text).toContain('lost')
  })
})

describe('chat completions', () => {
  const messages = [{ role: 'user' as const, content: QUESTION }]

  test('answer over the vector store that is named as the model', async () => {
    const { client, storeId } = library()
    const { choices, usage } = await client.chat.completions.create({ model: storeId, messages })

    expect(choices[0]?.message.content).toContain('thirty days')
    expect(choices[0]?.message.annotations?.[0]?.url_citation.title).toBe('handbook.md')
    expect(usage?.completion_tokens).toBeGreaterThan(0)
  })

  test('stream: the helper puts together what the chunks said', async () => {
    const { client, storeId } = library()
    const stream = client.chat.completions.stream({
      model: storeId,
      messages,
      stream_options: { include_usage: true },
    })
    const seen: string[] = []
    stream.on('content', (delta) => seen.push(delta))
    const completion = await stream.finalChatCompletion()

    expect(completion.choices[0]?.message.content).toBe(seen.join(''))
    expect(completion.usage?.total_tokens).toBeGreaterThan(0)
  })

  test('end before a stop sequence', async () => {
    const { client, storeId } = library()
    const { choices } = await client.chat.completions.create({
      model: storeId,
      messages,
      stop: ['paid leave'],
    })

    expect(choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: 'Every employee has thirty days of ' },
    })
  })

  test('take the vector stores in a field of their own', async () => {
    const { client, storeId } = library()
    const body = { model: 'extractive', messages, vector_store_ids: [storeId] }
    const { choices } = await client.chat.completions.create(body)

    expect(choices[0]?.message.content).toContain('thirty days')
  })
})

test('models: those that answer, those that embed, and each vector store', async () => {
  const { client, storeId } = library()
  const listed = await Array.fromAsync(client.models.list())
  const store = await client.models.retrieve(storeId)

  expect(listed.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['extractive', 'all-minilm-l6-v2-int8', storeId]),
  )
  expect(store).toMatchObject({ id: storeId, object: 'model', owned_by: 'ragstone' })
})

describe('errors are those of the client', () => {
  const failure = async (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      (error: unknown) => error,
    )

  test('a wrong key', async () => {
    const client = library().client.withOptions({ apiKey: 'rs_wrong' })
    const error = await failure(Promise.resolve(client.models.list()))

    expect(error).toBeInstanceOf(OpenAI.AuthenticationError)
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key' })
  })

  test('something that is not there', async () => {
    const error = await failure(Promise.resolve(library().client.vectorStores.retrieve('vs_none')))

    expect(error).toBeInstanceOf(OpenAI.NotFoundError)
    expect(error).toMatchObject({ status: 404, requestID: expect.stringMatching(/^req_/) })
  })

  test('a parameter that is wrong is named', async () => {
    const body = { model: 'extractive', input: QUESTION, temperature: 9 }
    const error = await failure(Promise.resolve(library().client.responses.create(body)))

    expect(error).toBeInstanceOf(OpenAI.BadRequestError)
    expect(error).toMatchObject({ status: 400, param: 'temperature' })
  })
})

interface Proof {
  readonly start: number
  readonly end: number
  readonly quote: string
}

function proofsOf({ output }: OpenAI.Responses.Response): readonly Proof[] {
  return output
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .flatMap((part) => (part.type === 'output_text' ? part.annotations : []))
    .flatMap((cite) => ('ragstone' in cite ? [cite.ragstone as Proof] : []))
}
