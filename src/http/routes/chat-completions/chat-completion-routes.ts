import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  chatCompletion,
  chatRequest,
  type ChatChunk,
  type ChatRequest,
} from '../../../contract/chat-completion.ts'
import type { Citation } from '../../../core/answer.ts'
import type { Question } from '../../../core/question.ts'
import { withBudgetWarning } from '../../ask/with-budget-warning.ts'
import { askedBy } from '../../asked-by.ts'
import { streamAnswer, type EventWriter } from '../../ask/stream-answer.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { unixSeconds } from '../../unix-seconds.ts'
import { envelopeOf } from '../../wire-failure.ts'
import { withCall } from '../../with-call.ts'
import { createChatWriter, type ChatDraft, type ChatWriter } from './chat-writer.ts'
import { readChatRequest } from './read-chat-request.ts'

export function chatCompletionRoutes(app: Routes, deps: RouteDeps): void {
  app.post(
    '/v1/chat/completions',
    {
      schema: {
        tags: ['Chat completions'],
        summary: 'Ask a question, in the older form',
        description:
          'The last message is the question. Citations are annotations of the message; `ragstone` in each says which bytes prove the claim.',
        body: chatRequest,
        response: { 200: chatCompletion },
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
      const { body } = request
      const question = await readChatRequest(deps, askedBy(request), body)
      const writer = createChatWriter(draftOf(request, body, question))
      if (body.stream === true) {
        await streamAnswer(deps, { question, request, reply }, eventWriter(writer))
        return reply
      }
      return withCall(deps.calls, reply, (signal) =>
        complete(deps, { question, writer, reply }, signal),
      )
    },
  )
}

async function complete(
  { answer }: Pick<RouteDeps, 'answer'>,
  {
    question,
    writer,
    reply,
  }: {
    readonly question: Question
    readonly writer: ChatWriter
    readonly reply: FastifyReply
  },
  signal: AbortSignal,
) {
  const events = withBudgetWarning(answer(question, signal), reply)
  for await (const event of events) writer.write(event)
  const completion = writer.completion()
  if (completion === null) throw new Error('The answer ended without a finish.')
  return completion
}

function eventWriter(writer: ChatWriter): EventWriter {
  const sent = (chunks: readonly ChatChunk[]) => chunks.map((data) => ({ data }))
  return {
    start: () => sent(writer.start()),
    async write(event) {
      const events = sent(writer.write(event))
      return event.type === 'finished' ? [...events, { data: '[DONE]' }] : events
    },
    fail: async (failure) => [{ data: envelopeOf(failure) }, { data: '[DONE]' }],
  }
}

function draftOf(request: FastifyRequest, body: ChatRequest, question: Question): ChatDraft {
  const origin = `${request.protocol}://${request.host}`
  return {
    id: question.answerId,
    created: unixSeconds(new Date()),
    model: body.model,
    vectorStoreIds: question.vectorStoreIds,
    stop: [body.stop ?? []].flat(),
    includeUsage: body.stream_options?.include_usage === true,
    metadata: body.metadata,
    linkTo: ({ vectorStoreId, fileId }: Citation) =>
      `${origin}/v1/vector_stores/${vectorStoreId}/files/${fileId}/content`,
  }
}
