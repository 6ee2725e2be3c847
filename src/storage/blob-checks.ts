import { AppError } from '../core/errors.ts'
import type { BlobCheckOptions, BlobChecks, BlobReport } from '../core/ports/blob-checks.ts'
import type { BlobStore } from '../core/ports/blob-store.ts'
import type { Database } from '../core/ports/database.ts'
import type { ObjectStore, StoredObject } from '../core/ports/object-store.ts'
import { blobKey, readBlobKey, tenantPrefix } from './blob-key.ts'
import { createBlobTally, type BlobTally } from './blob-tally.ts'
import { referencesPage } from './blob-references.ts'
import { findOrphans } from './drop-documents.ts'
import { STORE_OBJECT } from './store-identity.ts'

export interface BlobChecksDeps {
  readonly objects: ObjectStore
  /** Its `delete` spares what something refers to, whoever comes to do so meanwhile. */
  readonly blobs: BlobStore
  readonly database: Database
  readonly tenantIds: () => Promise<readonly string[]>
  /** Younger ones may belong to an upload that has not written its row yet. */
  readonly spareMs: number
}

const BATCH = 500
/** A write that is silent for so long has been interrupted. */
const DRAFT_MS = 600_000

/**
 * Nothing is removed but what is older than any upload takes, and what no row refers to when it is looked at again under
 * the lock that every upload takes before it puts its bytes for the last time: see referenced-blobs.ts.
 */
export function createBlobChecks(deps: BlobChecksDeps): BlobChecks {
  const { objects, database } = deps

  return {
    async check(options) {
      const tally = createBlobTally()
      const tenantIds = await deps.tenantIds()
      for (const tenantId of tenantIds) await checkTenant(tenantId, options, tally)
      await checkStrays(new Set(await deps.tenantIds()), options, tally)
      return tally.report(tenantIds.length) satisfies BlobReport
    },
  }

  async function checkTenant(tenantId: string, options: BlobCheckOptions, tally: BlobTally) {
    for await (const batch of batches(objects.list(tenantPrefix(tenantId)))) {
      options.signal?.throwIfAborted()
      const named = batch.flatMap((object) => {
        const read = readBlobKey(object.key)
        return read === null ? [] : [{ object, ...read }]
      })
      const blobs = named.filter(({ isDraft }) => !isDraft)
      const hashes = blobs.map(({ sha256 }) => sha256)
      const orphans = new Set(
        await database.transact(tenantId, (within) => findOrphans(within, hashes)),
      )
      for (const { object, sha256 } of blobs) {
        tally.count(object)
        if (orphans.has(sha256)) await dropOrphan({ tenantId, sha256, object }, options, tally)
        else if (options.verify) await verify({ tenantId, sha256, object }, tally)
      }
      for (const { object } of named.filter(({ isDraft }) => isDraft))
        await dropStray(
          tenantId,
          object,
          { ...options, why: 'An interrupted write left it.' },
          tally,
        )
    }
    await checkMissing(tenantId, options, tally)
  }

  async function dropOrphan(
    of: { readonly tenantId: string; readonly sha256: string; readonly object: StoredObject },
    { repair }: BlobCheckOptions,
    tally: BlobTally,
  ) {
    const { tenantId, sha256, object } = of
    if (isYoung(object)) return
    if (repair) await deps.blobs.delete(tenantId, sha256)
    const removed = repair && (await objects.find(object.key)) === null
    const detail = 'No file and no document refers to it.'
    tally.note({ problem: 'orphan', tenantId, ...placeOf(object), removed, detail })
  }

  async function verify(
    of: { readonly tenantId: string; readonly sha256: string; readonly object: StoredObject },
    tally: BlobTally,
  ) {
    const { tenantId, sha256, object } = of
    try {
      const opened = await deps.blobs.open(tenantId, sha256)
      if (opened !== null) for await (const _ of opened.content) void _
      tally.verified()
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'content_damaged') throw error
      const detail = `${error.cause instanceof Error ? error.cause.message : ''} Upload the file again, or restore it from a backup.`
      const removed = false
      tally.note({ problem: 'damaged', tenantId, ...placeOf(object), removed, detail })
    }
  }

  async function checkMissing(tenantId: string, { signal }: BlobCheckOptions, tally: BlobTally) {
    for (let after = ''; ;) {
      signal?.throwIfAborted()
      const from = after
      const page = await database.transact(tenantId, (within) =>
        referencesPage(within, { after: from, limit: BATCH }),
      )
      for (const { sha256, referrer } of page) {
        const key = blobKey(tenantId, sha256)
        if ((await objects.find(key)) !== null) continue
        // It may have gone with its last referrer since the page was read.
        const gone = await database.transact(tenantId, (within) => findOrphans(within, [sha256]))
        if (gone.length > 0) continue
        const detail = `${referrer} needs it. Upload the file again, or restore it from a backup.`
        tally.note({ problem: 'missing', tenantId, key, bytes: 0, removed: false, detail })
      }
      const last = page.at(-1)
      if (last === undefined || page.length < BATCH) return
      after = last.sha256
    }
  }

  /** What lies under no tenant that there is: of one that was erased, or somebody else's. */
  async function checkStrays(
    tenantIds: ReadonlySet<string>,
    options: BlobCheckOptions,
    tally: BlobTally,
  ) {
    for await (const object of objects.list('')) {
      options.signal?.throwIfAborted()
      if (object.key === STORE_OBJECT) continue
      const read = readBlobKey(object.key)
      if (read !== null && tenantIds.has(read.tenantId)) continue
      if (read === null) {
        const detail = 'Ragstone did not put it there, and leaves it alone.'
        const removed = false
        tally.note({ problem: 'stray', tenantId: null, ...placeOf(object), removed, detail })
      } else {
        const why = 'There is no such tenant.'
        await dropStray(null, object, { ...options, why }, tally)
      }
    }
  }

  // oxlint-disable-next-line max-params -- what, whose, how, and where it is noted
  async function dropStray(
    tenantId: string | null,
    object: StoredObject,
    { repair, why }: { readonly repair: boolean; readonly why: string },
    tally: BlobTally,
  ) {
    const isDraft = readBlobKey(object.key)?.isDraft === true
    if (isYoung(object, isDraft ? DRAFT_MS : 0)) return
    if (repair) await objects.delete(object.key)
    tally.note({ problem: 'stray', tenantId, ...placeOf(object), removed: repair, detail: why })
  }

  function isYoung({ modifiedAt }: StoredObject, leastMs = 0): boolean {
    return Date.now() - modifiedAt.getTime() < Math.max(deps.spareMs, leastMs)
  }
}

const placeOf = ({ key, bytes }: StoredObject) => ({ key, bytes })

async function* batches(all: AsyncIterable<StoredObject>): AsyncGenerator<StoredObject[]> {
  let batch: StoredObject[] = []
  for await (const object of all) {
    batch.push(object)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
