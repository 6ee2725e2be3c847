import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'

const whole = (description: string) => nullable(Type.Integer({ minimum: 0, description }))
const money = (description: string) => nullable(Type.Number({ minimum: 0, description }))

const LIMITS = {
  requests_per_minute: whole('Requests.'),
  questions_per_minute: whole('Questions.'),
  question_tokens: whole('Of one question.'),
  request_tokens: whole('That a model reads for one question.'),
  response_tokens: whole('That a model writes for one question.'),
  concurrent_streams: whole('Answers of one key that stream at once.'),
  files: whole('Files that are kept.'),
  stored_bytes: whole('Bytes of the files that are kept.'),
  chunks: whole('Chunks that are kept.'),
  tokens_per_day: whole('Tokens of all models in a day.'),
  tokens_per_month: whole('Tokens of all models in a month.'),
  cost_per_day: money('Cost of a day, in the configured currency.'),
  cost_per_month: money('Cost of a month, in the configured currency.'),
  priority: Type.Integer({
    minimum: -100,
    maximum: 100,
    description: 'Whose questions go first when the server is busy: higher before lower.',
  }),
}

/** What holds. Null is without limit. */
export const limits = Type.Object(LIMITS, { title: 'Limits' })
export type WireLimits = Static<typeof limits>

/** What takes the place of what would hold otherwise; what is not named does not. */
export const ownLimits = Type.Partial(Type.Object(LIMITS), {
  title: 'OwnLimits',
  additionalProperties: false,
})
export type WireOwnLimits = Static<typeof ownLimits>
