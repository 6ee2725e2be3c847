import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const DIMENSIONS = 8

/** What is found first, and by whom: the question embedded by one model never comes near `mixed` among its own vectors. */
export const ANCHORS = ['alpha-best', 'beta-best', 'mixed'] as const
export const QUESTION = 'Which one is it?'

type Place = (typeof ANCHORS)[number] | 'question'

/**
 * Two models of equal dimensions that agree on nothing: whoever asked one with the other's question would find `mixed`
 * first, and no database would refuse him.
 */
const PLACES: Readonly<Record<string, Readonly<Record<Place, number>>>> = {
  alpha: { question: 0, 'alpha-best': 0, 'beta-best': 2, mixed: 1 },
  beta: { question: 1, 'alpha-best': 2, 'beta-best': 1, mixed: 0 },
}

export interface TwoModels {
  /** Ends in `/v1`. */
  readonly baseUrl: string
  /** Texts that each has embedded. */
  readonly embedded: Readonly<Record<string, number>>
  /** Before each answer to a batch of documents. */
  slowness: number
  close(): Promise<void>
}

/** An embedding service over HTTP with the models `alpha` and `beta`, and `gamma` of twice as many dimensions. */
export async function startTwoModels(): Promise<TwoModels> {
  const embedded: Record<string, number> = { alpha: 0, beta: 0, gamma: 0 }
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => void answer(response, JSON.parse(body) as EmbeddingCall))
  })
  const answer = async (response: ServerResponse, { model, input }: EmbeddingCall) => {
    const texts = [input].flat()
    embedded[model] = (embedded[model] ?? 0) + texts.length
    if (texts.every((text) => !text.includes(QUESTION))) await delay(models.slowness)
    const data = texts.map((text, index) => ({
      object: 'embedding',
      index,
      embedding: vectorOf(model, text),
    }))
    const usage = { prompt_tokens: texts.length, total_tokens: texts.length }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ object: 'list', data, model, usage }))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const models: TwoModels = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    embedded,
    slowness: 0,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return models
}

interface EmbeddingCall {
  readonly model: string
  readonly input: string | readonly string[]
}

/** The configuration of a server with these models, the first serving. */
export const twoModelsYaml = (baseUrl: string) => `
embedding:
  provider: openai-compatible
  base_url: ${baseUrl}
  model: alpha
  dimensions: ${DIMENSIONS}
  others:
    - { base_url: "${baseUrl}", model: beta, dimensions: ${DIMENSIONS} }
    - { base_url: "${baseUrl}", model: gamma, dimensions: ${2 * DIMENSIONS} }
`

function vectorOf(model: string, text: string): readonly number[] {
  const places = PLACES[model]
  if (places === undefined) return spread(text, 2 * DIMENSIONS, 0)
  const known = text.includes(QUESTION)
    ? places.question
    : ANCHORS.filter((anchor) => text.includes(anchor)).map((anchor) => places[anchor])[0]
  if (known === undefined) return spread(text, DIMENSIONS, 3)
  return Array.from({ length: DIMENSIONS }, (_, place) => (place === known ? 1 : 0))
}

/** Somewhere, from one place on. */
function spread(text: string, length: number, from: number): readonly number[] {
  const vector = Array.from({ length }, () => 0)
  for (const character of text) {
    const place = from + (character.charCodeAt(0) % (length - from))
    vector[place] = (vector[place] ?? 0) + 1
  }
  return vector
}
