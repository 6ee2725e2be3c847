import {
  embeddingList,
  embeddingRequest,
  type EmbeddingRequest,
} from '../../../contract/embedding.ts'
import { AppError } from '../../../core/errors.ts'
import { modelNamed } from '../../../core/model.ts'
import type { EmbeddingModel } from '../../../core/ports/embedding-model.ts'
import { askedBy, type Asked } from '../../asked-by.ts'
import { invalidValue, unsupported } from '../../request-error.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { withCall } from '../../with-call.ts'

export function embeddingRoutes(app: Routes, deps: RouteDeps): void {
  app.post(
    '/v1/embeddings',
    {
      schema: {
        tags: ['Embeddings'],
        summary: 'Turn texts into vectors',
        body: embeddingRequest,
        response: { 200: embeddingList },
      },
      config: { scope: 'ask', failures: [402, 404] },
    },
    async (request, reply) => {
      const { body } = request
      const embedder = chooseEmbedder(deps, body)
      const texts = readTexts(body.input)
      const { vectors, tokens } = await withCall(deps.calls, reply, (signal) =>
        embedTexts(deps, { embedder, texts, asked: askedBy(request) }, signal),
      )
      return {
        object: 'list' as const,
        data: vectors.map((vector, index) => ({
          object: 'embedding' as const,
          index,
          embedding: body.encoding_format === 'base64' ? base64Of(vector) : [...vector],
        })),
        model: body.model,
        usage: { prompt_tokens: tokens, total_tokens: tokens },
      }
    },
  )
}

async function embedTexts(
  { spending }: RouteDeps,
  {
    embedder,
    texts,
    asked,
  }: {
    readonly embedder: EmbeddingModel
    readonly texts: readonly string[]
    readonly asked: Asked
  },
  signal: AbortSignal,
): Promise<{ readonly vectors: readonly Float32Array[]; readonly tokens: number }> {
  const { tenantId, caller } = asked
  const inputTokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0)
  const bill = await spending.open({
    tenantId,
    account: { caller, answerId: null },
    budgets: caller.budgets,
    alternatives: [[{ model: embedder.id, inputTokens, outputTokens: 0 }]],
  })
  try {
    const metered = bill.meter.embedding(embedder, 'embed_texts')
    const vectors = await metered.embed(texts, { kind: 'passage', signal })
    const tokens = bill.meter.calls().reduce((sum, call) => sum + call.inputTokens, 0)
    return { vectors, tokens }
  } finally {
    await bill.settleAlone()
  }
}

/** Throws `model_not_found`; `dimensions` may only be what the model gives anyway. */
function chooseEmbedder(
  { embeddingModels, models }: RouteDeps,
  body: EmbeddingRequest,
): EmbeddingModel {
  const info = modelNamed(models, body.model)
  const embedder = embeddingModels.find(({ id }) => info?.kind === 'embedding' && id === info.name)
  if (embedder === undefined) {
    const names = embeddingModels.map(({ id }) => `'${id}'`)
    const hint =
      names.length === 0
        ? 'This server has no embedding model.'
        : names.length === 1
          ? `The embedding model here is ${names.join('')}.`
          : `The embedding models here are ${names.join(', ')}.`
    throw new AppError('model_not_found', `The model '${body.model}' cannot embed. ${hint}`, {
      param: 'model',
    })
  }
  const { dimensions } = body
  if (typeof dimensions === 'number' && dimensions !== embedder.dimensions) {
    throw invalidValue(
      'dimensions',
      `The model gives ${embedder.dimensions} dimensions, no others.`,
    )
  }
  return embedder
}

function readTexts(input: EmbeddingRequest['input']): readonly string[] {
  return [input].flat().map((text, index) => {
    const param = Array.isArray(input) ? `input[${index}]` : 'input'
    if (typeof text !== 'string') {
      throw unsupported('input', 'Token numbers are not supported: send texts.')
    }
    if (text.trim() === '') throw invalidValue(param, `'${param}' must not be blank.`)
    return text
  })
}

function base64Of(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4)
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4))
  return bytes.toString('base64')
}

function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4)
}
