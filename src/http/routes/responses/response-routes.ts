import type { FastifyReply } from 'fastify'
import { responseRequest } from '../../../contract/response-request.ts'
import { responseObject, type ResponseObject } from '../../../contract/response.ts'
import { streamAnswer, type EventWriter } from '../../ask/stream-answer.ts'
import { withBudgetWarning } from '../../ask/with-budget-warning.ts'
import { askedBy } from '../../asked-by.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import type { ServerEvent } from '../../sse.ts'
import { withCall } from '../../with-call.ts'
import { startInBackground } from './background.ts'
import { prepareResponse, type PreparedResponse } from './prepare-response.ts'
import { readBackground } from './read-request.ts'
import type { ResponseEvent } from './response-events.ts'
import { createResponseWriter } from './response-writer.ts'
import type { RunningResponses } from './running-responses.ts'
import { storeResponse } from './store-response.ts'
import { streamKept } from './stream-kept.ts'
import { visibleEvent, visibleResponse } from './visible-response.ts'

export function responseRoutes(app: Routes, deps: RouteDeps, running: RunningResponses): void {
  const backgroundDeps = { ...deps, running }
  app.post(
    '/v1/responses',
    {
      schema: {
        tags: ['Responses'],
        summary: 'Ask a question',
        description:
          'With `stream: true`, server-sent events in the order of the OpenAI API. Each annotation says which bytes of which text prove the claim before it.',
        body: responseRequest,
        response: { 200: responseObject },
      },
      config: {
        scope: 'ask',
        failures: [402, 404, 502],
        streams: true,
        idempotent: true,
        asks: true,
        audit: 'question.ask',
      },
    },
    async (request, reply) => {
      const prepared = await prepareResponse(deps, askedBy(request), request.body)
      const isStreamed = request.body.stream === true
      if (readBackground(request.body)) {
        const queued = await startInBackground(backgroundDeps, { ...prepared, isStreamed })
        if (!isStreamed) return queued
        const { includeResults } = prepared
        const { tenantId } = request.principal
        const followed = { tenantId, id: queued.id, after: -1, includeResults }
        return streamKept(backgroundDeps, followed, { request, reply })
      }
      if (!isStreamed) {
        return withCall(deps.calls, reply, (signal) =>
          completeResponse(deps, { prepared, reply }, signal),
        )
      }
      const { question } = prepared
      await streamAnswer(deps, { question, request, reply }, eventWriter(deps, prepared))
      return reply
    },
  )
}

async function completeResponse(
  deps: RouteDeps,
  { prepared, reply }: { readonly prepared: PreparedResponse; readonly reply: FastifyReply },
  signal: AbortSignal,
): Promise<ResponseObject> {
  const writer = createResponseWriter(prepared.draft, prepared.question.text)
  writer.start()
  const answer = withBudgetWarning(deps.answer(prepared.question, signal), reply)
  for await (const event of answer) writer.write(event)
  await storeResponse(deps, prepared, writer.response)
  return visibleResponse(writer.response, prepared.includeResults)
}

function eventWriter(deps: RouteDeps, prepared: PreparedResponse): EventWriter {
  const writer = createResponseWriter(prepared.draft, prepared.question.text)
  const sent = (events: readonly ResponseEvent[]): readonly ServerEvent[] =>
    events.map((event) => ({
      event: event.type,
      data: visibleEvent(event, prepared.includeResults),
    }))
  return {
    start: () => sent(writer.start()),
    async write(event) {
      const events = writer.write(event)
      if (event.type === 'finished') await storeResponse(deps, prepared, writer.response)
      return sent(events)
    },
    async fail(failure) {
      const events = writer.fail(failure)
      // What is told as failed is kept as failed, unless keeping is what failed.
      await storeResponse(deps, prepared, writer.response).catch(() => undefined)
      return sent(events)
    },
  }
}
