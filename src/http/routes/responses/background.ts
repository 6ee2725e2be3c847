import type { ResponseObject } from '../../../contract/response.ts'
import { causeOf } from '../../calls.ts'
import type { RouteDeps } from '../../route-deps.ts'
import { unixSeconds } from '../../unix-seconds.ts'
import { wireFailure } from '../../wire-failure.ts'
import { findResponse } from './find-response.ts'
import type { KeptResponse } from './kept-response.ts'
import type { PreparedResponse } from './prepare-response.ts'
import type { ResponseEvent } from './response-events.ts'
import { createResponseWriter, type ResponseWriter } from './response-writer.ts'
import type { RunningResponse, RunningResponses } from './running-responses.ts'
import { insertResponse, joinConversation } from './store-response.ts'

/** Whoever works on a response says so this often, and learns in the same breath that it was cancelled. */
const BEAT_MS = 2_000
/** Whoever reads along from another process sees it as often. */
const STREAMED_BEAT_MS = 500
/** Longer without a word, and the worker is dead: fifteen beats, so that a busy machine costs no answer. */
const LEASE_MS = 30_000

const DIED = 'The server that was answering stopped before it had finished. Ask again.'

type Deps = Pick<
  RouteDeps,
  'answer' | 'answers' | 'calls' | 'conversations' | 'database' | 'logger' | 'settings'
> & { readonly running: RunningResponses }
type Store = Pick<Deps, 'answers' | 'database'>

interface Work extends PreparedResponse {
  /** Whether its events are to be had, now and later. */
  readonly isStreamed: boolean
}

/**
 * Keeps the response, begins to answer, and does not wait: the record is where everybody looks from now on.
 * Throws `overloaded`.
 */
export async function startInBackground(deps: Deps, work: Work): Promise<ResponseObject> {
  const { question, draft, isStreamed } = work
  const queued = { ...draft, background: true, status: 'queued' as const }
  const writer = createResponseWriter(queued, question.text)
  const live = deps.running.begin(question.answerId)
  try {
    const kept = asKept(writer, isStreamed)
    await deps.database.transact(question.tenantId, insertResponse(deps, work, kept))
  } catch (error) {
    live.end()
    throw error
  }
  void run(deps, work, { writer, live })
    .catch((error: unknown) => {
      // Its lease runs out, and whoever looks then is told.
      deps.logger.error({ err: error }, 'a background response could not be kept')
    })
    .finally(() => live.end())
  return queued
}

interface Telling {
  readonly writer: ResponseWriter
  readonly live: RunningResponse
}

async function run(deps: Deps, work: Work, { writer, live }: Telling): Promise<void> {
  const { question, isStreamed } = work
  const call = deps.calls.begin(null)
  const { cancelled } = live
  const signal = AbortSignal.any([call.signal, cancelled])
  const tell = (events: readonly ResponseEvent[]) => {
    if (isStreamed) live.add(events)
  }
  const beat = async () => {
    const alive = await replaceRunning(deps, question.tenantId, asKept(writer, isStreamed))
    if (!alive) live.cancel()
  }
  const beating = setInterval(
    () => {
      // A database that is away for a beat is no reason to stop; one that stays away is found by the end.
      beat().catch((error: unknown) => deps.logger.warn({ err: error }, 'a beat was missed'))
    },
    deps.settings.backgroundBeatMs ?? (isStreamed ? STREAMED_BEAT_MS : BEAT_MS),
  )
  /** The end is told when it is kept. */
  let last: readonly ResponseEvent[] = []
  try {
    tell([...writer.queue(), ...writer.start()])
    await beat()
    for await (const event of deps.answer({ ...question, background: true }, signal)) {
      const events = writer.write(event)
      if (event.type === 'finished') last = events
      else tell(events)
    }
  } catch (error) {
    if (cancelled.aborted) return
    const cause = causeOf(error, signal)
    const failure = wireFailure(cause)
    if (failure.status >= 500) deps.logger.error({ err: cause }, 'a background response failed')
    last = writer.fail(failure)
  } finally {
    clearInterval(beating)
    try {
      if (!cancelled.aborted && (await keepEnd(deps, work, writer))) tell(last)
    } finally {
      call.end()
    }
  }
}

/** With its turn of the conversation, unless it was cancelled or deleted at the last moment. */
function keepEnd(deps: Deps, work: Work, { response, journal }: ResponseWriter): Promise<boolean> {
  const ended = structuredClone(work.isStreamed ? { ...response, journal } : response)
  return deps.database.transact(work.question.tenantId, async (transaction) => {
    const kept = await deps.answers.replaceRunning(transaction, ended)
    if (kept) await joinConversation(deps, work, ended)(transaction)
    return kept
  })
}

/** Ends the work: at once where it is done here, within a beat elsewhere. One that has ended is given back as it is. */
export async function cancelResponse(
  deps: Store & Pick<Deps, 'running'>,
  tenantId: string,
  response: KeptResponse,
): Promise<KeptResponse> {
  const cancelled = ended(response, { status: 'cancelled' })
  if (!isRunning(response)) return response
  if (!(await replaceRunning(deps, tenantId, cancelled))) return latest(deps, tenantId, response)
  deps.running.get(response.id)?.cancel()
  return cancelled
}

/** The response as it is true now: one whose worker has died has failed. */
export async function settleResponse(
  deps: Store,
  tenantId: string,
  response: KeptResponse,
): Promise<KeptResponse> {
  const until = response.ragstone.working_until ?? 0
  if (!isRunning(response) || until >= unixSeconds(new Date())) return response
  const error = { code: 'server_error' as const, message: DIED }
  const failed = ended(response, { status: 'failed', error })
  return (await replaceRunning(deps, tenantId, failed)) ? failed : latest(deps, tenantId, response)
}

/** It ended between our reading and our writing. */
async function latest(deps: Store, tenantId: string, { id }: KeptResponse): Promise<KeptResponse> {
  return (await findResponse(deps, tenantId, id)).response
}

export function isRunning({ status }: ResponseObject): boolean {
  return status === 'queued' || status === 'in_progress'
}

function replaceRunning(
  { database, answers }: Store,
  tenantId: string,
  response: KeptResponse,
): Promise<boolean> {
  const kept = structuredClone(response)
  return database.transact(tenantId, (transaction) => answers.replaceRunning(transaction, kept))
}

/** As it stands, and until when it is believed to be worked on. */
function asKept({ response, journal }: ResponseWriter, isStreamed: boolean): KeptResponse {
  const working_until = unixSeconds(new Date(Date.now() + LEASE_MS))
  const ragstone = { ...response.ragstone, working_until }
  return { ...response, ragstone, ...(isStreamed ? { journal } : {}) }
}

function ended(response: KeptResponse, end: Partial<ResponseObject>): KeptResponse {
  const { outcome, notices, vector_store_ids } = response.ragstone
  return { ...response, ...end, ragstone: { outcome, notices, vector_store_ids } }
}
