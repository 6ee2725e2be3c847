import { AppError } from '../../core/errors.ts'
import { createId } from '../../core/id.ts'
import type { Transaction } from '../../core/ports/database.ts'
import type { SourceChange } from '../../core/ports/sources.ts'
import type { SourceRecord, SourceSchedule, SyncRecord } from '../../core/source.ts'
import { openKind } from './open-source.ts'
import { nextSyncAfter, scheduleRefusal } from './next-sync.ts'
import { removeSource, type Removal, type RemoveDeps } from './remove-source.ts'
import type { StartSync, SyncWish } from './start-sync.ts'
import type { SyncDeps } from './sync-deps.ts'

export interface SourceDeskDeps extends RemoveDeps, Pick<SyncDeps, 'kinds' | 'seal'> {
  readonly startSync: StartSync
}

export interface SourceWish {
  /** Of the source to come, where it must be known before; absent makes one. */
  readonly id?: string
  readonly vectorStoreId: string
  readonly name: string
  readonly kind: string
  /** Checked against the schema of the kind. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly credentials: Readonly<Record<string, unknown>> | null
  readonly schedule: SourceSchedule | null
  readonly deleteShare: number
  readonly isPaused: boolean
}

export type SourceWishChange = Partial<
  Pick<SourceWish, 'credentials' | 'deleteShare' | 'name' | 'schedule' | 'settings'>
>

/** What people do to sources. */
export interface SourceDesk {
  /** Throws `input_rejected` where its kind has something against it. */
  create(tenantId: string, wish: SourceWish): Promise<SourceRecord>
  /** Null where there is none, in all of these. */
  update(tenantId: string, id: string, change: SourceWishChange): Promise<SourceRecord | null>
  setPaused(tenantId: string, id: string, isPaused: boolean): Promise<SourceRecord | null>
  sync(
    tenantId: string,
    id: string,
    wish: Pick<SyncWish, 'dryRun' | 'keys'>,
  ): Promise<SyncRecord | null>
  /** Lets a sync that is held delete what it would. Throws `conflict` where it is not held, or not the newest. */
  confirm(tenantId: string, id: string, syncId: string): Promise<SyncRecord | null>
  /** Documents stay in their store, or go. False where there is no such source. */
  remove(of: Removal, signal?: AbortSignal): Promise<boolean>
}

export function createSourceDesk(deps: SourceDeskDeps): SourceDesk {
  const { database, sources, syncs, kinds, seal, startSync } = deps

  return {
    async create(tenantId, wish) {
      const { id = createId('src_'), settings, credentials, schedule, isPaused, ...plain } = wish
      const watched = await isWatched(wish)
      insistOnSchedule(schedule)
      const place = { tenantId, sourceId: id }
      const sealed =
        credentials === null ? null : await seal.close(JSON.stringify(credentials), place)
      const now = new Date()
      const source = {
        ...plain,
        id,
        settings,
        schedule,
        watched,
        credentials: sealed,
        pausedAt: isPaused ? now : null,
        // The first one at once.
        nextSyncAt: schedule === null ? null : now,
        createdAt: now,
        updatedAt: now,
      }
      return database.transact(tenantId, async (transaction) => {
        await sources.insert(transaction, source)
        return insist(await sources.get(transaction, id))
      })
    },

    async update(tenantId, id, change) {
      const before = await database.transact(tenantId, async (transaction) => {
        const record = await sources.get(transaction, id)
        return record === null
          ? null
          : { record, sealed: await sources.credentials(transaction, id) }
      })
      if (before === null) return null
      if (change.schedule !== undefined) insistOnSchedule(change.schedule)
      const { credentials: _given, ...plain } = change
      const updated: SourceChange = {
        ...plain,
        ...(change.schedule === undefined
          ? {}
          : { nextSyncAt: change.schedule && nextSyncAfter(change.schedule, new Date()) }),
        ...(await madeAnew({ tenantId, ...before }, change)),
      }
      return changed(tenantId, id, updated)
    },

    setPaused: (tenantId, id, isPaused) =>
      changed(tenantId, id, { pausedAt: isPaused ? new Date() : null }),

    sync: (tenantId, id, wish) =>
      onLocked(tenantId, id, (transaction, source) =>
        startSync(transaction, source, { trigger: 'person', ...wish }),
      ),

    confirm: (tenantId, id, syncId) =>
      onLocked(tenantId, id, async (transaction, source) => {
        const sync = await syncs.get(transaction, syncId)
        if (sync?.sourceId !== id) return null
        const newest = await syncs.newest(transaction, id)
        if (sync.status !== 'held' || newest?.id !== syncId) {
          const what = sync.status === 'held' ? 'not the newest of its source' : sync.status
          throw new AppError(
            'conflict',
            `The sync is ${what}: only the newest one can be confirmed, and only while it is held.`,
          )
        }
        // With all that has come meanwhile: it looks at everything again, and may delete as much as was confirmed.
        const again = await startSync(transaction, source, {
          trigger: 'person',
          keys: null,
          dryRun: false,
        })
        await syncs.allow(transaction, again.id, sync.counts.held)
        return syncs.get(transaction, again.id)
      }),

    remove: (of, signal) => removeSource(deps, of, signal),
  }

  /** What it is made of, as far as that changes. What is not given stays. */
  async function madeAnew(
    before: {
      readonly tenantId: string
      readonly record: SourceRecord
      readonly sealed: string | null
    },
    { settings, credentials: given }: SourceWishChange,
  ): Promise<SourceChange> {
    if (settings === undefined && given === undefined) return {}
    const { tenantId, record, sealed } = before
    const place = { tenantId, sourceId: record.id }
    const known = async () =>
      sealed === null
        ? null
        : (JSON.parse(await seal.open(sealed, place)) as Readonly<Record<string, unknown>>)
    const credentials = given === undefined ? await known() : given
    const made = { kind: record.kind, settings: settings ?? record.settings, credentials }
    const watched = await isWatched(made)
    if (given === undefined) return { watched, updatedAt: new Date() }
    const closed = given === null ? null : await seal.close(JSON.stringify(given), place)
    return { watched, updatedAt: new Date(), credentials: closed }
  }

  /** Throws `input_rejected`. */
  async function isWatched(
    made: Pick<SourceWish, 'credentials' | 'kind' | 'settings'>,
  ): Promise<boolean> {
    const opened = openKind(kinds, made)
    if ('refusal' in opened)
      throw new AppError('input_rejected', opened.refusal, { param: 'settings' })
    await opened.source.close()
    return opened.source.changes !== undefined
  }

  function changed(tenantId: string, id: string, change: SourceChange) {
    return onLocked(tenantId, id, async (transaction) => {
      await sources.update(transaction, id, change)
      return sources.get(transaction, id)
    })
  }

  function onLocked<Result>(
    tenantId: string,
    id: string,
    work: (transaction: Transaction, source: SourceRecord) => Promise<Result | null>,
  ): Promise<Result | null> {
    return database.transact(tenantId, async (transaction) => {
      const source = await sources.lock(transaction, id)
      if (source === null) return null
      if (source.removingAt !== null)
        throw new AppError(
          'conflict',
          'The source is being removed: delete it again to go on with that.',
        )
      return work(transaction, source)
    })
  }
}

function insistOnSchedule(schedule: SourceSchedule | null): void {
  const refusal = schedule === null ? null : scheduleRefusal(schedule)
  if (refusal !== null) throw new AppError('input_rejected', refusal, { param: 'schedule' })
}

function insist(source: SourceRecord | null): SourceRecord {
  if (source === null) throw new Error('A source went while it was made.')
  return source
}
