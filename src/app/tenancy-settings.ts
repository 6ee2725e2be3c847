import { Type } from 'typebox'
import { optional, section, text, whole } from './setting-kinds.ts'

const limit = (description: string) =>
  optional(whole({ minimum: 0, description: `${description}; null is without limit.` }))
const money = (description: string) =>
  optional(
    Type.Number({
      minimum: 0,
      description: `${description}, in \`currency\`; null is without limit.`,
    }),
  )

const tier = section('What a tenant of this tier may use.', {
  name: text({ description: '`free`, `pro` and `enterprise` replace the built-in ones.' }),
  requestsPerMinute: limit('Requests of the tenant'),
  questionsPerMinute: limit('Questions of the tenant'),
  questionTokens: limit('Of one question'),
  requestTokens: limit('That a model reads for one question'),
  responseTokens: limit('That a model writes for one question'),
  concurrentStreams: limit('Answers of one key that stream at once'),
  files: limit('Files that are kept'),
  storedBytes: limit('Bytes of the files that are kept'),
  chunks: limit('Chunks that are kept'),
  tokensPerDay: limit('Tokens of all models in a day'),
  tokensPerMonth: limit('Tokens of all models in a month'),
  costPerDay: money('Cost of a day'),
  costPerMonth: money('Cost of a month'),
  priority: Type.Integer({
    minimum: -100,
    maximum: 100,
    description: 'Whose questions go first when the server is busy: higher before lower.',
    default: 0,
  }),
})

export const tenancy = section('The tenants of this server.', {
  defaultTier: text({ description: 'Of a new tenant.', default: 'free' }),
  currency: Type.String({
    pattern: '^[A-Z]{3}$',
    description: 'Of all budgets and costs; every model price must be in it.',
    default: 'USD',
  }),
  tiers: Type.Array(tier, {
    description: 'Tiers of your own, and what the built-in ones give instead.',
    default: [],
  }),
})
