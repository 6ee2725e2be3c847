import type { ModelInfo, ModelPrice } from '../core/model.ts'
import type { ChatModel } from '../core/ports/chat-model.ts'
import { createOpenAiCompatibleChat } from './openai-compatible-chat.ts'

/** A chat model as the configuration spells it. */
export interface ChatModelEntry {
  readonly name: string
  readonly provider: 'openai-compatible'
  readonly base_url: string
  readonly api_key: string | null
  readonly model: string
  readonly context_tokens: number
  readonly timeout_seconds: number
  readonly price: ModelPrice | null
}

export interface ModelRegistry {
  /** Null when no model of that name is configured. */
  chat(name: string): ChatModel | null
  /** In the configuration's order. */
  readonly infos: readonly ModelInfo[]
}

export interface ModelRegistryOptions {
  readonly entries: readonly ChatModelEntry[]
  /** Puts retries, breaker and whatever else around each model, once. */
  readonly wrap: (model: ChatModel, entry: ChatModelEntry) => ChatModel
}

export function createModelRegistry({ entries, wrap }: ModelRegistryOptions): ModelRegistry {
  const models = new Map(entries.map((entry) => [entry.name, wrap(createChat(entry), entry)]))
  return {
    chat: (name) => models.get(name) ?? null,
    infos: entries.map(({ name, provider, context_tokens, price }) => ({
      name,
      kind: 'chat',
      ownedBy: provider,
      contextTokens: context_tokens,
      price,
    })),
  }
}

function createChat(entry: ChatModelEntry): ChatModel {
  switch (entry.provider) {
    case 'openai-compatible':
      return createOpenAiCompatibleChat({
        name: entry.name,
        baseUrl: entry.base_url,
        apiKey: entry.api_key,
        model: entry.model,
        contextTokens: entry.context_tokens,
        timeoutMs: entry.timeout_seconds * 1000,
      })
  }
}
