import type { Attributes } from '../../core/filter.ts'
import type { Transaction } from '../../core/ports/database.ts'
import { attributesOf } from './attributes-of.ts'
import type { RunningSync, SyncDeps } from './sync-deps.ts'

interface Renewal {
  readonly running: Pick<RunningSync, 'record' | 'sync' | 'tenantId'>
  readonly key: string
  /** That of the document as it was taken in. */
  readonly fileId: string
  /** As the source gives them now. */
  readonly attributes: Attributes
}

/**
 * The same content with other attributes: what searches filter by becomes what the source says, and what people have added
 * stays. False where there is nothing to renew. Of a dry run, it is only noted.
 */
export function renewAttributes(deps: SyncDeps, renewal: Renewal): Promise<boolean> {
  const { running, key, fileId } = renewal
  const { tenantId, sync } = running
  return deps.database.transact(tenantId, async (transaction) => {
    if (!(await setAttributes(deps, renewal, transaction))) return false
    const note = { key, action: 'changed', reason: RENEWED, fileId, bytes: null } as const
    await deps.syncs.note(transaction, sync.id, [note])
    return true
  })
}

const RENEWED = 'Its content is the same: only its attributes are others.'

/** In the caller's transaction. False where they are the same, or the document has gone. */
export async function setAttributes(
  { documents }: Pick<SyncDeps, 'documents'>,
  { running, fileId, attributes }: Omit<Renewal, 'key'>,
  transaction: Transaction,
): Promise<boolean> {
  const { record, sync } = running
  const { vectorStoreId } = record
  const document = await documents.get(transaction, vectorStoreId, fileId)
  if (document === null) return false
  const before = document.attributes
  const given = attributesOf(attributes, record.id)
  if (Object.entries(given).every(([name, value]) => before[name] === value)) return false
  if (!sync.dryRun)
    await documents.setAttributes(transaction, vectorStoreId, fileId, { ...before, ...given })
  return true
}
