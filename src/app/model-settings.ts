import { Type } from 'typebox'
import { price } from './price-settings.ts'
import { choice, optional, section, text, whole } from './setting-kinds.ts'

const providerLimit = (description: string) =>
  optional(
    whole({ description: `${description} that the provider allows; null is without limit.` }),
  )
export const providerLimits = section(
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
