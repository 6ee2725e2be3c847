import type { FastifyReply } from 'fastify'
import type { AnswerEvent } from '../../core/answer.ts'

const BUDGET_WARNING = 'ragstone-budget-warning'

/** The same events; what they say of budgets goes into a header as long as headers can still be sent. */
export async function* withBudgetWarning(
  events: AsyncIterable<AnswerEvent>,
  reply: FastifyReply,
): AsyncGenerator<AnswerEvent> {
  for await (const event of events) {
    const warnings = event.type === 'searched' ? (event.warnings ?? []) : []
    if (warnings.length > 0 && !reply.raw.headersSent) {
      void reply.header(BUDGET_WARNING, warnings.join(' '))
    }
    yield event
  }
}
