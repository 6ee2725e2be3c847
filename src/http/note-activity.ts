import type { Answer, Search } from '../core/ask.ts'
import type { HttpDeps } from './http-deps.ts'

type ActivityDeps = Pick<HttpDeps, 'answer' | 'database' | 'logger' | 'search' | 'vectorStores'>

export interface Observed {
  readonly search: Search
  readonly answer: Answer
  /** Resolves when nothing is being noted any longer. */
  readonly settled: () => Promise<void>
}

/** A store's last activity is known to the minute. */
const EVERY_MS = 60_000
/** Stores remembered at most; beyond them the database is asked once too often. */
const MOST_REMEMBERED = 10_000

/**
 * The same search and answer, which also say that their stores were in use. Nobody waits for that: it is noted beside
 * the work, once a minute a store.
 */
export function noteActivity(deps: ActivityDeps): Observed {
  const noted = new Map<string, number>()
  const running = new Set<Promise<void>>()

  const note = ({ tenantId, vectorStoreIds }: StoresOf): void => {
    const now = Date.now()
    const due = vectorStoreIds.filter((id) => now - (noted.get(id) ?? 0) >= EVERY_MS)
    if (due.length === 0) return
    if (noted.size > MOST_REMEMBERED) noted.clear()
    for (const id of due) noted.set(id, now)
    const work = deps.database
      .transact(tenantId, (transaction) => deps.vectorStores.touch(transaction, due))
      .catch((error: unknown) => deps.logger.warn({ err: error }, 'activity not noted'))
      .finally(() => running.delete(work))
    running.add(work)
  }

  return {
    async search(request, signal) {
      const found = await deps.search(request, signal)
      note(request)
      return found
    },
    async *answer(question, signal) {
      try {
        yield* deps.answer(question, signal)
      } finally {
        note(question)
      }
    },
    settled: async () => void (await Promise.all(running)),
  }
}

interface StoresOf {
  readonly tenantId: string
  readonly vectorStoreIds: readonly string[]
}
