import { Type } from 'typebox'
import { nullable } from './nullable.ts'

const MOMENT = '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?Z)?$'

const moment = (description: string) =>
  Type.Optional(Type.String({ pattern: MOMENT, description, examples: ['2026-11-01'] }))

export const usageQuery = Type.Object(
  {
    since: moment('A day or a moment, UTC; the first of this month where it is absent.'),
    until: moment('A day or a moment, UTC, not counted; now where it is absent.'),
    group_by: Type.Optional(
      Type.String({
        pattern: '^(day|key|model|purpose|user)(,(day|key|model|purpose|user))*$',
        description: 'One or more of `day`, `key`, `model`, `purpose`, `user`, with commas.',
      }),
    ),
    tenants: Type.Optional(
      Type.Literal('all', {
        description:
          'Of every tenant, one after the other: for who has the scope `operator` besides.',
      }),
    ),
  },
  { additionalProperties: false },
)

const amounts = {
  calls: Type.Integer({ description: 'Calls of models.' }),
  input_tokens: Type.Integer(),
  cached_tokens: Type.Integer({ description: 'Of the input, what the provider had read before.' }),
  output_tokens: Type.Integer(),
  cost: Type.String({ description: 'Exact, as a decimal number.', examples: ['0.001275'] }),
  currency: Type.String(),
}

export const usageReport = Type.Object(
  {
    object: Type.Literal('usage.report'),
    since: Type.Integer({ description: 'Seconds since 1970.' }),
    until: Type.Integer({ description: 'Seconds since 1970, not counted.' }),
    data: Type.Array(
      Type.Object({
        tenant_id: Type.String(),
        day: Type.Optional(nullable(Type.String({ description: 'YYYY-MM-DD, UTC.' }))),
        key: Type.Optional(nullable(Type.String())),
        model: Type.Optional(nullable(Type.String())),
        purpose: Type.Optional(nullable(Type.String())),
        user: Type.Optional(nullable(Type.String())),
        ...amounts,
      }),
    ),
    totals: Type.Array(Type.Object(amounts), { description: 'Of all rows, one a currency.' }),
  },
  { title: 'UsageReport' },
)
