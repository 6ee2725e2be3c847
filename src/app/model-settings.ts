import { Type } from 'typebox'
import { embeddingPrice, price } from './price-settings.ts'
import { choice, optional, section, text, whole } from './setting-kinds.ts'

const providerLimit = (description: string) =>
  optional(
    whole({ description: `${description} that the provider allows; null is without limit.` }),
  )
const providerLimits = section(
  'What the provider allows this account: kept to ahead of time, by all processes together where they share a Valkey.',
  {
    requestsPerMinute: providerLimit('Calls a minute'),
    tokensPerMinute: providerLimit('Tokens a minute'),
    requestsPerDay: providerLimit('Calls a day'),
    tokensPerDay: providerLimit('Tokens a day'),
  },
)

export const chatModel = section('A language model that callers may name.', {
  name: text({ description: 'What callers put into `model`.' }),
  provider: choice(['openai-compatible'], {
    description: 'How it is spoken to.',
    default: 'openai-compatible',
  }),
  baseUrl: Type.String({
    pattern: '^https?://',
    description: 'Up to and with `/v1`.',
    secret: 'url',
  }),
  apiKey: optional(text({ description: 'Sent as a bearer token; null sends none.', secret: true })),
  model: text({ description: "The provider's own name for it." }),
  contextTokens: whole({
    minimum: 512,
    description: 'How much it can read and write in one go.',
    default: 32_768,
  }),
  timeoutSeconds: whole({
    maximum: 3600,
    description: 'How long to wait for its first byte, and between two.',
    default: 60,
  }),
  price: optional(price),
  limits: optional(providerLimits),
})

/** But for its provider. */
export const embeddingModel = {
  model: text({
    description: "The model's name: a bundled one, or the service's own name for it.",
    default: 'all-MiniLM-L6-v2',
  }),
  modelDirectory: optional(
    text({
      path: true,
      description: 'Folder with the weights of the local model; looked in first.',
    }),
  ),
  baseUrl: optional(
    Type.String({
      pattern: '^https?://',
      description: 'Of an OpenAI-compatible service, up to and with `/v1`.',
      secret: 'url',
    }),
  ),
  apiKey: optional(text({ description: "The service's key.", secret: true })),
  dimensions: optional(
    whole({
      maximum: 4000,
      description: 'Length of the vectors; needed for a service, known for a local model.',
    }),
  ),
  timeoutSeconds: whole({ maximum: 600, description: 'For one batch.', default: 30 }),
  batchSize: whole({ maximum: 2048, description: 'Texts sent at once.', default: 32 }),
  price: optional(embeddingPrice),
  limits: optional(providerLimits),
  threads: whole({ maximum: 256, description: 'Of the local model.', default: 2 }),
}

export const otherEmbeddingModel = section('Another model that turns text into vectors.', {
  provider: choice(['local', 'openai-compatible'], {
    description: 'Where it runs.',
    default: 'openai-compatible',
  }),
  ...embeddingModel,
  model: text({
    description: "The model's name: a bundled one, or the service's own name for it.",
  }),
})
