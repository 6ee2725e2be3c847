import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../../core/ports/database.ts'
import type { SourceAgenda, SourcePlace, Sources } from '../../core/ports/sources.ts'
import { openSource } from './open-source.ts'
import type { StartSync } from './start-sync.ts'
import type { SyncDeps } from './sync-deps.ts'

export interface WatchDeps extends Pick<SyncDeps, 'kinds' | 'seal'> {
  readonly agenda: Pick<SourceAgenda, 'leaveWatches' | 'takeWatches'>
  readonly database: Database
  readonly sources: Pick<Sources, 'credentials' | 'get' | 'lock'>
  readonly startSync: StartSync
  /** Names this process. */
  readonly worker: string
  readonly onError: (error: unknown, place: SourcePlace) => void
}

/** Listens to sources that tell of changes themselves, each in one process at a time. */
export interface SourceWatch {
  /** To be called every few seconds: keeps what is listened to, takes what nobody listens to. */
  look(): Promise<void>
  stop(): Promise<void>
}

/** Without a look for so long, another process may listen. */
const LEASE_SECONDS = 20
const AFTER_FAILURE_MS = 60_000

export function createSourceWatch(deps: WatchDeps): SourceWatch {
  const listening = new Map<string, Listening>()
  let lastLook = performance.now()

  return {
    async look() {
      // Who could not look for so long has lost what it had: another may listen by now.
      if (performance.now() - lastLook > LEASE_SECONDS * 900)
        for (const each of listening.values()) each.ending.abort()
      const mine = await deps.agenda.takeWatches(deps.worker, LEASE_SECONDS)
      lastLook = performance.now()
      const wanted = new Map(mine.map((place) => [nameOf(place), place]))
      for (const [name, { ending, revision }] of listening) {
        if (wanted.get(name)?.revision.getTime() === revision && !ending.signal.aborted) continue
        ending.abort()
        listening.delete(name)
      }
      for (const [name, place] of wanted) {
        if (listening.has(name)) continue
        const ending = new AbortController()
        const over = listenUntil(place, ending.signal)
        listening.set(name, { ending, over, revision: place.revision.getTime() })
      }
    },
    async stop() {
      const all = [...listening.values()]
      listening.clear()
      for (const { ending } of all) ending.abort()
      await Promise.all(all.map(({ over }) => over))
      await deps.agenda.leaveWatches(deps.worker).catch(() => undefined)
    },
  }

  async function listenUntil(place: SourcePlace, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await listen(place, signal)
      } catch (error) {
        if (!signal.aborted) deps.onError(error, place)
      }
      await sleep(AFTER_FAILURE_MS, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  async function listen(place: SourcePlace, signal: AbortSignal): Promise<void> {
    const { tenantId, sourceId } = place
    const found = await deps.database.transact(tenantId, async (transaction) => {
      const record = await deps.sources.get(transaction, sourceId)
      if (record === null) return null
      return { record, sealed: await deps.sources.credentials(transaction, sourceId) }
    })
    if (found === null) return
    const opened = await openSource(deps, { tenantId, ...found })
    if ('refusal' in opened) throw new Error(opened.refusal)
    const { source } = opened
    try {
      for await (const notice of source.changes?.(signal) ?? []) {
        const isStarted = await start(place, notice.keys)
        // What is told of a source that is no longer listened to is told again to whoever listens next.
        if (!isStarted || signal.aborted) return
        await notice.acknowledge()
      }
    } finally {
      await source.close()
    }
  }

  function start({ tenantId, sourceId }: SourcePlace, keys: readonly string[] | null) {
    return deps.database.transact(tenantId, async (transaction) => {
      const source = await deps.sources.lock(transaction, sourceId)
      if (source === null || source.pausedAt !== null || source.removingAt !== null) return false
      await deps.startSync(transaction, source, { trigger: 'change', keys, dryRun: false })
      return true
    })
  }
}

interface Listening {
  readonly ending: AbortController
  readonly over: Promise<void>
  readonly revision: number
}

const nameOf = ({ tenantId, sourceId }: SourcePlace) => `${tenantId}/${sourceId}`
