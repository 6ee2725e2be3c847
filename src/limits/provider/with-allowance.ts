import type { TokenUsage } from '../../core/answer.ts'
import type { ChatModel, GenerateRequest } from '../../core/ports/chat-model.ts'
import type { EmbeddingModel } from '../../core/ports/embedding-model.ts'
import type { ProviderAllowance } from './provider-allowance.ts'

/** What the provider counts before it has said so: about four characters a token in European languages. */
const CHARACTERS_PER_TOKEN = 4

/** The same model, which asks leave of its provider's limits first. */
export function withChatAllowance(model: ChatModel, allowance: ProviderAllowance): ChatModel {
  return {
    ...model,
    async *stream(request, signal) {
      const expected = expectedTokens(request)
      await allowance.take({ requests: 1, tokens: expected }, signal)
      let usage: TokenUsage | null = null
      try {
        for await (const event of model.stream(request, signal)) {
          if (event.type === 'finish') ({ usage } = event)
          yield event
        }
      } finally {
        if (usage !== null) {
          await allowance.settle(usage.inputTokens + usage.outputTokens - expected)
        }
      }
    },
  }
}

/** The same model, which asks leave first: of one allowance for who sits and waits, of another for documents. */
export function withEmbeddingAllowance(
  model: EmbeddingModel,
  {
    batchSize,
    ...allowances
  }: Readonly<Record<'passage' | 'query', ProviderAllowance>> & { readonly batchSize: number },
): EmbeddingModel {
  return {
    id: model.id,
    dimensions: model.dimensions,
    maxTokens: model.maxTokens,
    async embed(texts, options) {
      const characters = texts.reduce((sum, text) => sum + text.length, 0)
      const requests = Math.ceil(texts.length / batchSize)
      const tokens = tokensIn(characters)
      await allowances[options.kind].take({ requests, tokens }, options.signal)
      return model.embed(texts, options)
    },
  }
}

function expectedTokens({ system, messages }: GenerateRequest): number {
  const characters = messages.reduce((sum, { text }) => sum + text.length, system.length)
  return tokensIn(characters)
}

function tokensIn(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN)
}
