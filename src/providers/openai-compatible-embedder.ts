import { AppError } from '../core/errors.ts'
import type { EmbeddingModel, EmbedOptions } from '../core/ports/embedding-model.ts'
import { nonsenseError, refusalError, unavailableError } from './provider-error.ts'

export interface OpenAiCompatibleEmbedderOptions {
  /** Ends in `/v1` as a rule. */
  readonly baseUrl: string
  /** Null for a service that asks for none. */
  readonly apiKey: string | null
  readonly model: string
  readonly dimensions: number
  /** Whether `dimensions` is sent: only models that can shorten their vectors accept it. */
  readonly sendDimensions?: boolean
  /** Longer passages are cut by the service, or refused. */
  readonly maxTokens?: number
  /** For one request of one batch. */
  readonly timeoutMs: number
  /** Texts in one request. */
  readonly batchSize: number
  readonly fetch?: typeof fetch
}

const DEFAULT_MAX_TOKENS = 8191

/** Vectors of other lengths are another model's. */
export const openAiCompatibleId = ({
  model,
  dimensions,
}: Pick<OpenAiCompatibleEmbedderOptions, 'dimensions' | 'model'>): string =>
  `${model}-${dimensions}`

// Written on fetch: the AI SDK drops `index`, by which the vectors find their texts.
export function createOpenAiCompatibleEmbedder(
  options: OpenAiCompatibleEmbedderOptions,
): EmbeddingModel {
  return {
    id: openAiCompatibleId(options),
    dimensions: options.dimensions,
    maxTokens: options.maxTokens ?? DEFAULT_MAX_TOKENS,
    async embed(texts, request) {
      const vectors: Float32Array[] = []
      for (let start = 0; start < texts.length; start += options.batchSize) {
        const batch = texts.slice(start, start + options.batchSize)
        vectors.push(...(await embedBatch(options, batch, request)))
      }
      return vectors
    },
  }
}

async function embedBatch(
  options: OpenAiCompatibleEmbedderOptions,
  texts: readonly string[],
  { signal, onUsage }: EmbedOptions,
): Promise<readonly Float32Array[]> {
  const timeout = AbortSignal.timeout(options.timeoutMs)
  try {
    const response = await post(
      options,
      texts,
      signal ? AbortSignal.any([signal, timeout]) : timeout,
    )
    const body = await response.text()
    const { status, headers } = response
    if (!response.ok) {
      throw refusalError(options.model, { status, headers, body, apiKey: options.apiKey })
    }
    const parsed = parse(body)
    const inputTokens = readInputTokens(parsed)
    if (inputTokens !== null) onUsage?.({ inputTokens, outputTokens: 0 })
    return readVectors(options, parsed, texts.length)
  } catch (error) {
    signal?.throwIfAborted()
    throw error instanceof AppError ? error : unavailableError(options.model, error)
  }
}

function post(
  options: OpenAiCompatibleEmbedderOptions,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<Response> {
  const { apiKey, model, dimensions } = options
  const send = options.fetch ?? fetch
  return send(`${options.baseUrl.replace(/\/+$/, '')}/embeddings`, {
    method: 'POST',
    signal,
    headers: {
      'content-type': 'application/json',
      ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify({
      model,
      input: texts,
      encoding_format: 'float',
      ...(options.sendDimensions === true ? { dimensions } : {}),
    }),
  })
}

function readVectors(
  { model, dimensions }: OpenAiCompatibleEmbedderOptions,
  body: unknown,
  count: number,
): readonly Float32Array[] {
  const data = readData(body)
  if (data === null) throw nonsenseError(model, 'something that is no list of embeddings')
  if (data.length !== count) {
    throw nonsenseError(model, `${data.length} embeddings for ${count} texts`)
  }
  const vectors = new Map<number, Float32Array>()
  for (const [place, item] of data.entries()) {
    const vector = readVector(item.embedding)
    if (vector === null) throw nonsenseError(model, 'an embedding that is no list of numbers')
    if (vector.length !== dimensions) {
      throw nonsenseError(model, `${vector.length} dimensions where ${dimensions} are configured`)
    }
    vectors.set(item.index ?? place, vector)
  }
  return Array.from({ length: count }, (_, index) => {
    const vector = vectors.get(index)
    if (vector === undefined) throw nonsenseError(model, 'embeddings numbered wrongly')
    return vector
  })
}

interface Item {
  readonly index: number | null
  readonly embedding: unknown
}

function readData(body: unknown): readonly Item[] | null {
  if (typeof body !== 'object' || body === null || !('data' in body)) return null
  if (!Array.isArray(body.data)) return null
  return body.data.map((item: { index?: unknown; embedding?: unknown } | null) => ({
    index: typeof item?.index === 'number' ? item.index : null,
    embedding: item?.embedding,
  }))
}

/** Null where the service does not say what it has read. */
function readInputTokens(body: unknown): number | null {
  const tokens = (body as { usage?: { prompt_tokens?: unknown } | null } | null)?.usage
    ?.prompt_tokens
  return typeof tokens === 'number' && Number.isSafeInteger(tokens) && tokens >= 0 ? tokens : null
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

/** To unit length; null when it is no direction at all. */
function readVector(embedding: unknown): Float32Array | null {
  if (!Array.isArray(embedding)) return null
  if (!embedding.every((value) => typeof value === 'number')) return null
  const length = Math.hypot(...embedding)
  if (!Number.isFinite(length) || length === 0) return null
  return Float32Array.from(embedding, (value) => value / length)
}
