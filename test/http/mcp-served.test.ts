import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { toFile } from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type {
  AskToolOutput,
  FetchToolOutput,
  SearchToolOutput,
} from '../../src/contract/mcp-tools.ts'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { callTool, connectMcp } from './connect-mcp.ts'

const TEXTS = {
  'lease.md': `# Pachtvertrag — § 4\n\n${'Der Garten ist zu pflegen. '.repeat(60)}\n\nThe notice period for the lease of the lighthouse is sixty days.\n`,
  'menu.md': '# Menu\n\nOn Fridays there is fish soup with saffron.\n',
}

let ragstone: RagstoneProcess
beforeAll(async () => {
  ragstone = await startRagstone({ environment: { RAGSTONE_EMBEDDING_PROVIDER: 'none' } })
  const { client } = ragstone
  const store = await client.vectorStores.create({ name: 'papers' })
  for (const [name, text] of Object.entries(TEXTS)) {
    const content = await toFile(Buffer.from(text), name)
    const file = await client.files.create({ file: content, purpose: 'assistants' })
    await client.vectorStores.files.create(store.id, { file_id: file.id })
  }
  let done = 0
  while (done < 2) {
    done = (await client.vectorStores.retrieve(store.id)).file_counts.completed
    if (done < 2) await sleep(50)
  }
})
afterAll(() => ragstone.stop())

const QUERY = 'notice period of the lighthouse'
const search = async () => {
  const client = await connectMcp(ragstone.url, ragstone.key)
  return { client, found: await callTool<SearchToolOutput>(client, 'search', { query: QUERY }) }
}

test('a search finds the document, and its passage is the bytes it names of the fetched text', async () => {
  const { client, found } = await search()
  const [best] = found.structuredContent.results
  expect(best?.metadata.filename).toBe('lease.md')
  expect(best?.text).toContain('sixty days')

  const { structuredContent } = await callTool<FetchToolOutput>(client, 'fetch', { id: best?.id })
  const text = Buffer.from(structuredContent.text)
  const [passage] = best?.metadata.passages ?? []
  expect(text.toString('utf8', passage?.start, passage?.end)).toBe(best?.text)
})

test('the address of a result gives the same text to whoever has the key', async () => {
  const { client, found } = await search()
  const [best] = found.structuredContent.results
  const { structuredContent } = await callTool<FetchToolOutput>(client, 'fetch', { id: best?.id })
  const headers = { authorization: `Bearer ${ragstone.key}` }
  const response = await fetch(best?.url ?? '', { headers })
  expect(await response.json()).toMatchObject({ data: [{ text: structuredContent.text }] })
})

test('an answer cites the exact bytes of the document that it names', async () => {
  const client = await connectMcp(ragstone.url, ragstone.key)
  const { structuredContent } = await callTool<AskToolOutput>(client, 'ask', {
    question: 'What is the notice period for the lease of the lighthouse?',
  })
  expect(structuredContent.answer).toContain('sixty days')
  const [citation] = structuredContent.citations
  const read = await callTool<FetchToolOutput>(client, 'fetch', { id: citation?.id })
  const text = Buffer.from(read.structuredContent.text)
  expect(text.toString('utf8', citation?.start, citation?.end)).toBe(citation?.quote)
})

test('who wants the connection closed after a stream has it closed', async () => {
  const sent = request(`${ragstone.url}/mcp`, {
    method: 'POST',
    agent: new Agent({ keepAlive: false }),
    headers: {
      authorization: `Bearer ${ragstone.key}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    },
  })
  sent.end(ASK)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const { statusCode: status, headers } = response
  const text = (await response.toArray()).join('')

  expect([status, headers['content-type'], headers.connection]).toEqual([
    200,
    'text/event-stream',
    'close',
  ])
  expect(text).toContain('"jsonrpc":"2.0"')
})

const ASK = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'ask', arguments: { question: 'How long is the notice period?' } },
})
