import { Type } from 'typebox'
import { optional, section } from './setting-kinds.ts'

const currency = Type.String({
  pattern: '^[A-Z]{3}$',
  description: 'Three letters, like EUR; must be `tenancy.currency`.',
  default: 'USD',
})
const asOf = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}$',
  description: 'The day the price was looked up, YYYY-MM-DD.',
})

export const price = section('What the provider charges; used for the cost of each answer.', {
  inputPerMillion: Type.Number({ minimum: 0, description: 'For a million tokens read.' }),
  outputPerMillion: Type.Number({ minimum: 0, description: 'For a million tokens written.' }),
  cachedInputPerMillion: optional(
    Type.Number({
      minimum: 0,
      description:
        'For a million tokens read that the provider had read before; null is `input_per_million`.',
    }),
  ),
  currency,
  asOf,
})

export const embeddingPrice = section(
  'What the service charges; used for the usage ledger and budgets.',
  {
    inputPerMillion: Type.Number({ minimum: 0, description: 'For a million tokens read.' }),
    currency,
    asOf,
  },
)
