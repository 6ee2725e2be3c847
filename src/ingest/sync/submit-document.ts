import { createId } from '../../core/id.ts'
import { JobLost } from '../../core/job.ts'
import { sourceKeyOf } from '../../core/ports/sources.ts'
import { attributesOf } from './attributes-of.ts'
import type { NewContent } from './read-document.ts'
import { setAttributes } from './renew-attributes.ts'
import type { RunningSync, SyncDeps } from './sync-deps.ts'

/**
 * The id of the file is written down before there is one, so that an upload that comes to nothing can be cleared away;
 * that it is known is written with the document and its job, so that none is ever made twice.
 */
export async function submitDocument(
  deps: SyncDeps,
  of: {
    readonly running: RunningSync
    readonly key: string
    readonly action: 'added' | 'changed'
    readonly read: NewContent
  },
): Promise<void> {
  const { database, sourceDocuments, submission, syncs } = deps
  const { key, action, read } = of
  const { tenantId, record, sync } = of.running
  const { spooled, version, memory } = read
  const fileId = createId('file-')
  await database.transact(tenantId, (transaction) =>
    sourceDocuments.intend(transaction, record.id, { key, fileId }),
  )
  try {
    await submission.upload(tenantId, {
      id: fileId,
      filename: storableName(read.filename),
      purpose: 'assistants',
      content: spooled,
      expiresAt: null,
    })
    const membership = {
      vectorStoreId: record.vectorStoreId,
      fileId,
      attributes: attributesOf(read.attributes, record.id),
      chunkSize: null,
      sourceKey: sourceKeyOf(record.id, key),
      batchId: null,
      priority: 'sync',
    } as const
    const made = await submission.addToStore(
      tenantId,
      membership,
      async (transaction, document) => {
        const { bytes, sha256 } = spooled
        const taken = { key, uploadId: fileId, sha256, bytes, version, memory }
        const own = { ...taken, fileId: document.fileId }
        // Another worker has taken the sync up, or the source is on its way out.
        if (!(await sourceDocuments.take(transaction, record.id, own))) throw new JobLost()
        const there = { running: of.running, fileId: document.fileId, attributes: read.attributes }
        if (document.fileId !== fileId) await setAttributes(deps, there, transaction)
        const note = { key, action, reason: null, fileId: document.fileId, bytes }
        await syncs.note(transaction, sync.id, [note])
      },
    )
    // The store has the same content of it already: what came after that was never indexed.
    if (made.fileId !== fileId) await dropUpload(deps, tenantId, fileId)
  } catch (error) {
    await dropUpload(deps, tenantId, fileId).catch(() => undefined)
    throw error
  }
}

async function dropUpload(
  { database, files, blobs }: Pick<SyncDeps, 'blobs' | 'database' | 'files'>,
  tenantId: string,
  fileId: string,
): Promise<void> {
  const gone = await database.transact(tenantId, (transaction) => files.delete(transaction, fileId))
  for (const orphan of gone?.orphans ?? []) await blobs.delete(tenantId, orphan)
}

const storableName = (filename: string) =>
  filename.toWellFormed().replaceAll('\0', ' ').slice(0, 255).toWellFormed()
