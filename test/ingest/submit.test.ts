import { expect, test } from 'vitest'
import { NO_CAPS } from '../../src/core/caps.ts'
import { createSubmission } from '../../src/ingest/submit.ts'
import type { SubmissionDeps } from '../../src/ingest/submit.ts'
import { createDocuments } from '../../src/storage/documents.ts'
import { createFiles } from '../../src/storage/files.ts'
import { createVectorStores } from '../../src/storage/vector-stores.ts'
import { onEveryBackend } from '../storage/backends.ts'
import { openWorkshop } from './workshop.ts'
import type { Workshop } from './workshop.ts'

function submissionOf(workshop: Workshop, deps: Pick<SubmissionDeps, 'queue'>) {
  return createSubmission({
    database: workshop.database,
    files: createFiles(),
    documents: createDocuments({ space: null }),
    vectorStores: createVectorStores(),
    blobs: workshop.blobs,
    maxBytes: 100,
    defaultChunkSize: { maxTokens: 40, overlapTokens: 0 },
    capsOf: async () => NO_CAPS,
    ...deps,
  })
}

const upload = (content: string) => ({
  filename: 'note.txt',
  purpose: 'assistants',
  content: Buffer.from(content),
  expiresAt: null,
})

const membership = (workshop: Workshop, fileId: string, sourceKey: string | null = null) => ({
  vectorStoreId: workshop.vectorStoreId,
  fileId,
  attributes: {},
  chunkSize: null,
  sourceKey,
  batchId: null,
})

onEveryBackend('submission', (world) => {
  test('an uploaded file can be read back', async () => {
    const workshop = await openWorkshop(world)
    const file = await workshop.submission.upload(workshop.tenantId, upload('It rains.'))
    expect(file).toMatchObject({ filename: 'note.txt', bytes: 9 })
    expect((await workshop.blobs.get(workshop.tenantId, file.sha256))?.toString()).toBe('It rains.')
  })

  test.each([
    ['', 'file_empty'],
    ['x'.repeat(101), 'file_too_large'],
  ])('refused: %j is %s', async (content, code) => {
    const workshop = await openWorkshop(world)
    const submission = submissionOf(workshop, { queue: { send: () => Promise.resolve() } })
    await expect(submission.upload(workshop.tenantId, upload(content))).rejects.toMatchObject({
      code,
    })
  })

  test('a document and its job come together', async () => {
    const workshop = await openWorkshop(world)
    const queue = await workshop.openQueue()
    const submission = submissionOf(workshop, queue)
    const { id } = await submission.upload(workshop.tenantId, upload('It rains.'))
    const document = await submission.addToStore(workshop.tenantId, membership(workshop, id))
    expect(document).toMatchObject({ fileId: id, status: 'in_progress', stage: 'queued' })
    expect((await queue.counts()).queued).toBe(1)
    await queue.stop({ timeoutMs: 1000 })
  })

  test('when the job cannot be queued there is no document', async () => {
    const workshop = await openWorkshop(world)
    const failing = { send: () => Promise.reject(new Error('no queue')) }
    const submission = submissionOf(workshop, { queue: failing })
    const { id } = await submission.upload(workshop.tenantId, upload('It rains.'))
    const added = submission.addToStore(workshop.tenantId, membership(workshop, id))
    await expect(added).rejects.toThrow('no queue')
    expect(await workshop.document({ ...workshop, fileId: id })).toBeNull()
  })

  test('a file that is in the store already is given back, and queued once', async () => {
    const workshop = await openWorkshop(world)
    const queue = await workshop.openQueue()
    const submission = submissionOf(workshop, queue)
    const { id } = await submission.upload(workshop.tenantId, upload('It rains.'))
    const first = await submission.addToStore(workshop.tenantId, membership(workshop, id))
    const second = await submission.addToStore(workshop.tenantId, membership(workshop, id))
    expect(second).toEqual(first)
    expect((await queue.counts()).queued).toBe(1)
    await queue.stop({ timeoutMs: 1000 })
  })

  test.each([
    { title: 'the same bytes', content: 'It rains.', chunkSize: null, isSame: true },
    { title: 'other bytes', content: 'It snows.', chunkSize: null, isSame: false },
    {
      title: 'the same bytes in other chunks',
      content: 'It rains.',
      chunkSize: { maxTokens: 20, overlapTokens: 0 },
      isSame: false,
    },
  ])('$title under the same source key: kept as it is $isSame', async (step) => {
    const workshop = await openWorkshop(world)
    const add = async (text: string, chunkSize: typeof step.chunkSize) => {
      const { id } = await workshop.submission.upload(workshop.tenantId, upload(text))
      const request = { ...membership(workshop, id, 'weather.txt'), chunkSize }
      return workshop.submission.addToStore(workshop.tenantId, request)
    }
    const first = await add('It rains.', null)
    const second = await add(step.content, step.chunkSize)
    expect(second.fileId === first.fileId).toBe(step.isSame)
  })

  test.each(['vector_store_id', 'file_id'])(
    'an unknown %s is said to be unknown',
    async (param) => {
      const workshop = await openWorkshop(world)
      const { id } = await workshop.submission.upload(workshop.tenantId, upload('It rains.'))
      const unknown =
        param === 'file_id'
          ? membership(workshop, 'file-unknown')
          : { ...membership(workshop, id), vectorStoreId: 'vs_unknown' }
      await expect(
        workshop.submission.addToStore(workshop.tenantId, unknown),
      ).rejects.toMatchObject({
        code: 'resource_not_found',
        param,
      })
    },
  )
})
