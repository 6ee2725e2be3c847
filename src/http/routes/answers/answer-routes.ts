import { answerParams, answerTrace } from '../../../contract/answer-trace.ts'
import { notFound } from '../../not-found.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { wireTrace } from './wire-trace.ts'

export function answerRoutes(app: Routes, { database, answers }: RouteDeps): void {
  app.get(
    '/api/answers/:answer_id/trace',
    {
      schema: {
        tags: ['Answers'],
        summary: 'Why this answer',
        description:
          'Every stage with what it decided, and every candidate with its scores and fate. The id is that of a response (`resp_…`) or a chat completion (`chatcmpl-…`).',
        params: answerParams,
        response: { 200: answerTrace },
      },
      config: { scope: 'read' },
    },
    async ({ principal, params }) => {
      const trace = await database.transact(principal.tenantId, (transaction) =>
        answers.getTrace(transaction, params.answer_id),
      )
      if (trace === null) throw notFound('trace of an answer', params.answer_id)
      return wireTrace(trace)
    },
  )
}
