import type { ResponseObject } from '../../../contract/response.ts'
import { causeOf } from '../../calls.ts'
import { notFound } from '../../not-found.ts'
import type { RouteDeps } from '../../route-deps.ts'
import { unixSeconds } from '../../unix-seconds.ts'
import { wireFailure } from '../../wire-failure.ts'
import type { PreparedResponse } from './prepare-response.ts'
import { createResponseWriter } from './response-writer.ts'
import { insertResponse, joinConversation } from './store-response.ts'

/** Whoever works on a response says so this often, and learns in the same breath that it was cancelled. */
const BEAT_MS = 2_000
/** Longer without a word, and the worker is dead: fifteen beats, so that a busy machine costs no answer. */
const LEASE_MS = 30_000

const DIED = 'The server that was answering stopped before it had finished. Ask again.'

type Deps = Pick<
  RouteDeps,
  'answer' | 'answers' | 'calls' | 'conversations' | 'database' | 'logger' | 'settings'
>
type Store = Pick<Deps, 'answers' | 'database'>

/** Keeps the response, begins to answer, and does not wait: the record is where everybody looks from now on. */
export async function startInBackground(
  deps: Deps,
  prepared: PreparedResponse,
): Promise<ResponseObject> {
  const queued = leased({ ...prepared.draft, background: true, status: 'queued' })
  await deps.database.transact(prepared.question.tenantId, insertResponse(deps, prepared, queued))
  void run(deps, prepared).catch((error: unknown) => {
    // Its lease runs out, and whoever looks then is told.
    deps.logger.error({ err: error }, 'a background response could not be kept')
  })
  return queued
}

async function run(deps: Deps, prepared: PreparedResponse): Promise<void> {
  const { question, draft } = prepared
  const call = deps.calls.begin(null)
  const cancelled = new AbortController()
  const signal = AbortSignal.any([call.signal, cancelled.signal])
  const writer = createResponseWriter({ ...draft, background: true }, question.text)
  const beat = async () => {
    const alive = await replaceRunning(deps, question.tenantId, leased(writer.response))
    if (!alive) cancelled.abort()
  }
  const beating = setInterval(() => {
    // A database that is away for a beat is no reason to stop; one that stays away is found by the end.
    beat().catch((error: unknown) => deps.logger.warn({ err: error }, 'a beat was missed'))
  }, deps.settings.backgroundBeatMs ?? BEAT_MS)
  try {
    writer.start()
    await beat()
    for await (const event of deps.answer({ ...question, background: true }, signal))
      writer.write(event)
  } catch (error) {
    if (cancelled.signal.aborted) return
    const cause = causeOf(error, signal)
    const failure = wireFailure(cause)
    if (failure.status >= 500) deps.logger.error({ err: cause }, 'a background response failed')
    writer.fail(failure)
  } finally {
    clearInterval(beating)
    try {
      if (!cancelled.signal.aborted) await keepEnd(deps, prepared, writer.response)
    } finally {
      call.end()
    }
  }
}

/** With its turn of the conversation, unless it was cancelled or deleted at the last moment. */
function keepEnd(deps: Deps, prepared: PreparedResponse, response: ResponseObject): Promise<void> {
  return deps.database.transact(prepared.question.tenantId, async (transaction) => {
    const kept = await deps.answers.replaceRunning(transaction, structuredClone(response))
    if (kept) await joinConversation(deps, prepared, response)(transaction)
  })
}

/** Ends the work within a beat, wherever it is done. One that has ended is given back as it is. */
export async function cancelResponse(
  deps: Store,
  tenantId: string,
  response: ResponseObject,
): Promise<ResponseObject> {
  const cancelled = ended(response, { status: 'cancelled' })
  if (!isRunning(response)) return response
  return (await replaceRunning(deps, tenantId, cancelled))
    ? cancelled
    : latest(deps, tenantId, response)
}

/** The response as it is true now: one whose worker has died has failed. */
export async function settleResponse(
  deps: Store,
  tenantId: string,
  response: ResponseObject,
): Promise<ResponseObject> {
  const until = response.ragstone.working_until ?? 0
  if (!isRunning(response) || until >= unixSeconds(new Date())) return response
  const error = { code: 'server_error' as const, message: DIED }
  const failed = ended(response, { status: 'failed', error })
  return (await replaceRunning(deps, tenantId, failed)) ? failed : latest(deps, tenantId, response)
}

/** It ended between our reading and our writing. */
async function latest(
  { database, answers }: Store,
  tenantId: string,
  response: ResponseObject,
): Promise<ResponseObject> {
  const record = await database.transact(tenantId, (transaction) =>
    answers.getResponse(transaction, response.id),
  )
  if (record === null) throw notFound('response', response.id)
  // Stored by the routes of responses, so of this shape.
  return record.response as ResponseObject
}

function isRunning({ status }: ResponseObject): boolean {
  return status === 'queued' || status === 'in_progress'
}

function replaceRunning(
  { database, answers }: Store,
  tenantId: string,
  response: ResponseObject,
): Promise<boolean> {
  const kept = structuredClone(response)
  return database.transact(tenantId, (transaction) => answers.replaceRunning(transaction, kept))
}

function leased(response: ResponseObject): ResponseObject {
  const working_until = unixSeconds(new Date(Date.now() + LEASE_MS))
  return { ...response, ragstone: { ...response.ragstone, working_until } }
}

function ended(response: ResponseObject, end: Partial<ResponseObject>): ResponseObject {
  const { outcome, notices, vector_store_ids } = response.ragstone
  return { ...response, ...end, ragstone: { outcome, notices, vector_store_ids } }
}
