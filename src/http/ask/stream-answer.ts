import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AnswerEvent } from '../../core/answer.ts'
import type { Question } from '../../core/question.ts'
import { CallerGone, causeOf } from '../calls.ts'
import { logFailure } from '../error-handling.ts'
import type { RouteDeps } from '../route-deps.ts'
import { openEventStream, type EventStream, type ServerEvent } from '../sse.ts'
import { wireFailure, type WireFailure } from '../wire-failure.ts'
import { openStream } from '../open-stream.ts'
import { startPromptly } from './prompt-start.ts'
import { withBudgetWarning } from './with-budget-warning.ts'

/** One API's way of telling an answer. */
export interface EventWriter {
  start(): readonly ServerEvent[]
  /** May do what must be done before the caller hears of the end. */
  write(event: AnswerEvent): Promise<readonly ServerEvent[]>
  fail(failure: WireFailure): Promise<readonly ServerEvent[]>
}

const KEEP_ALIVE_MS = 15_000

/**
 * Streams an answer as it comes. A failure before the first byte is thrown, and becomes a status;
 * one after it becomes an event: a stream is never just cut.
 */
export async function streamAnswer(
  deps: Pick<RouteDeps, 'answer' | 'calls' | 'principal' | 'settings' | 'streamCap'>,
  asked: {
    readonly question: Question
    readonly request: FastifyRequest
    readonly reply: FastifyReply
  },
  writer: EventWriter,
): Promise<void> {
  const { question, request, reply } = asked
  const endStream = await openStream(deps, request)
  const call = deps.calls.begin(reply)
  const { signal } = call
  try {
    const answer = await startPromptly(withBudgetWarning(deps.answer(question, signal), reply))
    signal.throwIfAborted()
    const keepAliveMs = deps.settings.keepAliveMs ?? KEEP_ALIVE_MS
    const stream = openEventStream(reply, { keepAliveMs, signal })
    try {
      await sendAll(stream, writer.start())
      for await (const event of answer) {
        signal.throwIfAborted()
        await sendAll(stream, await writer.write(event))
      }
    } catch (error) {
      const cause = causeOf(error, signal)
      const failure = wireFailure(cause)
      logFailure(cause, failure.status, request)
      if (!(cause instanceof CallerGone)) await sendAll(stream, await writer.fail(failure))
    } finally {
      stream.end()
    }
  } catch (error) {
    throw causeOf(error, signal)
  } finally {
    endStream()
    call.end()
  }
}

async function sendAll(stream: EventStream, events: readonly ServerEvent[]): Promise<void> {
  for (const event of events) await stream.send(event)
}
