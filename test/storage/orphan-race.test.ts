import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NO_CAPS } from '../../src/core/caps.ts'
import { AppError } from '../../src/core/errors.ts'
import type { BlobStore } from '../../src/core/ports/blob-store.ts'
import type { Submission } from '../../src/core/submission.ts'
import { createSubmission } from '../../src/ingest/submit.ts'
import { createDocuments } from '../../src/storage/documents.ts'
import { createFiles } from '../../src/storage/files.ts'
import { createReferencedBlobs } from '../../src/storage/referenced-blobs.ts'
import { createVectorStores } from '../../src/storage/vector-stores.ts'
import { onEveryBackend } from './backends.ts'
import { blobsIn } from './blob-folder.ts'
import { addStore } from './library.ts'

onEveryBackend('Bytes that come and go', (world) => {
  const files = createFiles()
  const vectorStores = createVectorStores()
  let folder = ''
  let blobs: BlobStore
  let submission: Submission
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ragstone-orphans-'))
    blobs = createReferencedBlobs({ blobs: blobsIn(folder), database: world.database })
    submission = createSubmission({
      database: world.database,
      files,
      documents: createDocuments({ space: null }),
      vectorStores,
      blobs,
      queue: { send: async () => undefined },
      maxBytes: 1_000,
      defaultChunkSize: { maxTokens: 256, overlapTokens: 32 },
      capsOf: async () => NO_CAPS,
    })
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const content = Buffer.from('The notice period is sixty days.')
  const sha256 = createHash('sha256').update(content).digest('hex')
  const upload = (tenantId: string) =>
    submission.upload(tenantId, {
      filename: 'a.txt',
      purpose: 'assistants',
      content,
      expiresAt: null,
    })
  const remove = async (tenantId: string, id: string) => {
    const gone = await world.database.transact(tenantId, (within) => files.delete(within, id))
    for (const orphan of gone?.orphans ?? []) await blobs.delete(tenantId, orphan)
  }

  test('an upload never loses its bytes to a deletion of the same', async () => {
    const tenantId = await world.newTenant()
    let last = await upload(tenantId)
    for (let round = 0; round < 60; round += 1) {
      const [next] = await Promise.all([upload(tenantId), remove(tenantId, last.id)])
      expect(await blobs.get(tenantId, sha256), `round ${round}`).toEqual(content)
      last = next
    }
  })

  test('a deletion that was decided on before an upload spares its bytes', async () => {
    const tenantId = await world.newTenant()
    const first = await upload(tenantId)
    const gone = await world.database.transact(tenantId, (within) => files.delete(within, first.id))
    await upload(tenantId)
    for (const orphan of gone?.orphans ?? []) await blobs.delete(tenantId, orphan)

    expect(gone?.orphans).toEqual([sha256])
    expect(await blobs.get(tenantId, sha256)).toEqual(content)
  })

  test('bytes that nobody refers to go', async () => {
    const tenantId = await world.newTenant()
    await remove(tenantId, (await upload(tenantId)).id)

    expect(await blobs.get(tenantId, sha256)).toBeNull()
  })

  test('a file that goes while it is added to a store is not found', async () => {
    const tenantId = await world.newTenant()
    const outcomes: unknown[] = []
    for (let round = 0; round < 25; round += 1) {
      const { id: fileId } = await upload(tenantId)
      const vectorStoreId = await world.database.transact(tenantId, (within) => addStore(within))
      const membership = {
        vectorStoreId,
        fileId,
        attributes: {},
        chunkSize: null,
        sourceKey: null,
        batchId: null,
      }
      const added = submission.addToStore(tenantId, membership).then(
        () => 'added',
        (error: unknown) => (error instanceof AppError ? error.code : error),
      )
      await remove(tenantId, fileId)
      outcomes.push(await added)
    }
    expect(
      outcomes.filter((outcome) => outcome !== 'added' && outcome !== 'resource_not_found'),
    ).toEqual([])
  })
})
