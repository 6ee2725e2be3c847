import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'

const budget = Type.Object(
  {
    object: Type.Literal('budget'),
    holder: Type.Object({
      type: Type.Enum(['key', 'tenant', 'user']),
      id: Type.String(),
    }),
    window: Type.Enum(['day', 'month']),
    unit: Type.Enum(['cost', 'tokens']),
    limit: Type.Number(),
    used: Type.Number(),
    reserved: Type.Number({ description: 'Held back for answers that are under way.' }),
    left: Type.Number(),
    resets_at: Type.Integer({ description: 'Seconds since 1970.' }),
  },
  { title: 'Budget' },
)

export type WireBudget = Static<typeof budget>

export const budgetList = Type.Object(
  { object: Type.Literal('list'), data: Type.Array(budget) },
  { title: 'BudgetList' },
)

const amount = (description: string) =>
  Type.Optional(nullable(Type.Number({ minimum: 0, description })))
const count = (description: string) =>
  Type.Optional(nullable(Type.Integer({ minimum: 0, description })))

const limits = {
  tokens_per_day: count('Null is without limit, like absence.'),
  tokens_per_month: count('Null is without limit, like absence.'),
  cost_per_day: amount('In the configured currency.'),
  cost_per_month: amount('In the configured currency.'),
}

export const userBudgetParams = Type.Object({
  user_id: Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'A person; `*` for everybody who is not named.',
  }),
})

export const userBudgetSet = Type.Object(limits, { additionalProperties: false })

export const userBudget = Type.Object(
  { object: Type.Literal('user_budget'), user_id: Type.String(), ...limits },
  { title: 'UserBudget' },
)

export const userBudgetList = Type.Object(
  { object: Type.Literal('list'), data: Type.Array(userBudget) },
  { title: 'UserBudgetList' },
)

export const userBudgetDeleted = Type.Object({
  object: Type.Literal('user_budget.deleted'),
  user_id: Type.String(),
  deleted: Type.Literal(true),
})
