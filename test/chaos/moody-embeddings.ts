import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { embeddingsBody, fakeVector } from '../fake-openai-server.ts'
import type { Draw } from '../http/fuzz/draw.ts'

export interface MoodyEmbeddings {
  readonly environment: Readonly<Record<string, string>>
  /** How often it answered in which way. */
  readonly answers: Readonly<Record<string, number>>
  /** From here on every answer is right. */
  heal(): void
  close(): Promise<void>
}

const DIMENSIONS = 8
/** Of all answers, before it is healed. */
const WRONG_SHARE = 0.25
const LONGEST_MS = 250

type Mood = (response: ServerResponse, texts: readonly string[]) => void

const good = (texts: readonly string[]) => JSON.stringify(embeddingsBody(texts, DIMENSIONS))
const withVectors = (texts: readonly string[], vector: (text: string) => unknown) =>
  JSON.stringify({
    object: 'list',
    model: 'moody',
    data: texts.map((text, index) => ({ object: 'embedding', index, embedding: vector(text) })),
  })

const MOODS: Readonly<Record<string, Mood>> = {
  'status 500': (response) => send(response, { status: 500, body: '{"error":{"message":"no"}}' }),
  'status 503': (response) => send(response, { status: 503, body: 'overloaded' }),
  '429 without Retry-After': (response) => send(response, { status: 429, body: '{}' }),
  '429 with Retry-After': (response) =>
    send(response, { status: 429, body: '{}', headers: { 'retry-after': '1' } }),
  hangs: () => undefined,
  'breaks the connection': (response) => void response.destroy(),
  'too few vectors': (response, texts) => send(response, { body: good(texts.slice(1)) }),
  'too many vectors': (response, texts) => send(response, { body: good([...texts, 'more']) }),
  'wrong dimensions': (response, texts) =>
    send(response, { body: withVectors(texts, (text) => fakeVector(text, DIMENSIONS - 1)) }),
  'not a number': (response, texts) =>
    send(response, { body: good(texts).replaceAll('0.1', 'NaN') }),
  'too large numbers': (response, texts) =>
    send(response, { body: good(texts).replaceAll('0.1', '1e999') }),
  'zeros alone': (response, texts) =>
    send(response, { body: withVectors(texts, () => Array.from({ length: DIMENSIONS }, () => 0)) }),
  'a web page': (response) =>
    send(response, {
      body: '<!doctype html><p>Please sign in',
      headers: { 'content-type': 'text/html' },
    }),
  'half an answer': (response, texts) => send(response, { body: good(texts).slice(0, 60) }),
  'half of what it promised': (response, texts) => {
    response.writeHead(200, { 'content-length': good(texts).length })
    response.write(good(texts).slice(0, 60), () => response.destroy())
  },
}

/** An embedding service over HTTP that fails, hangs and answers nonsense, as it is drawn. */
export async function startMoodyEmbeddings(draw: Draw): Promise<MoodyEmbeddings> {
  const answers: Record<string, number> = {}
  let isHealed = false
  const server = createServer((request, response) => {
    void (async () => {
      const parts = await Array.fromAsync(request as AsyncIterable<Buffer>)
      const { input } = JSON.parse(Buffer.concat(parts).toString()) as { input: string[] }
      await sleep(isHealed ? 0 : draw.int(LONGEST_MS))
      const isWrong = !isHealed && draw.chance(WRONG_SHARE)
      const [name, answer] = isWrong ? draw.pick(Object.entries(MOODS)) : ['right', right]
      answers[name] = (answers[name] ?? 0) + 1
      answer(response, input)
    })().catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    environment: {
      RAGSTONE_EMBEDDING_PROVIDER: 'openai-compatible',
      RAGSTONE_EMBEDDING_BASE_URL: `http://127.0.0.1:${port}/v1`,
      RAGSTONE_EMBEDDING_MODEL: 'moody',
      RAGSTONE_EMBEDDING_DIMENSIONS: String(DIMENSIONS),
      RAGSTONE_EMBEDDING_TIMEOUT_SECONDS: '2',
      RAGSTONE_EMBEDDING_BATCH_SIZE: '4',
    },
    answers,
    heal() {
      isHealed = true
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const right: Mood = (response, texts) => send(response, { body: good(texts) })

function send(
  response: ServerResponse,
  answer: { status?: number; body: string; headers?: Record<string, string> },
): void {
  response.writeHead(answer.status ?? 200, {
    'content-type': 'application/json',
    ...answer.headers,
  })
  response.end(answer.body)
}
