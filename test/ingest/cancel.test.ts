import { expect, test, vi } from 'vitest'
import type { IngestJob } from '../../src/core/ports/queue.ts'
import { createSteerJobs } from '../../src/ingest/steer-jobs.ts'
import { handleIngestDocument } from '../../src/jobs/ingest-document.ts'
import { createDocuments } from '../../src/storage/documents.ts'
import { createSourceSyncs } from '../../src/storage/source-syncs.ts'
import { openSignals } from '../../src/storage/signals.ts'
import { createTenants } from '../../src/storage/tenants.ts'
import { createTenantDirectory } from '../../src/tenancy/tenant-directory.ts'
import { onEveryBackend } from '../storage/backends.ts'
import { openWorkshop, type IngestChanges, type Workshop } from './workshop.ts'

const soon = { timeout: 20_000, interval: 20 }
const TEXT = 'It rains.\n\nIt pours.'

/** The pipeline, with something that happens when the stage has begun. */
function interrupted(
  workshop: Workshop,
  stage: 'embed' | 'index' | 'parse',
  happen: () => Promise<unknown>,
): IngestChanges {
  const { blobs, embedder } = workshop
  switch (stage) {
    case 'parse':
      return {
        blobs: {
          ...blobs,
          async get(...call) {
            const bytes = await blobs.get(...call)
            await happen()
            return bytes
          },
        },
      }
    case 'embed':
      return {
        embedder: {
          ...embedder,
          async embed(...call: Parameters<typeof embedder.embed>) {
            await happen()
            return embedder.embed(...call)
          },
        },
      }
    case 'index':
      return {
        blobs: {
          ...blobs,
          async put(...call) {
            await blobs.put(...call)
            await happen()
          },
        },
      }
  }
}

onEveryBackend('cancelling', (world) => {
  test.each(['parse', 'embed', 'index'] as const)(
    'at the stage %s leaves no chunk, no text and no job',
    async (stage) => {
      const workshop = await openWorkshop(world)
      const queue = await workshop.openQueue()
      const signals = openSignals(world.backend)
      const { database, tenantId } = workshop
      const documents = createDocuments({ space: null })
      const steer = createSteerJobs({
        database,
        documents,
        jobs: queue.jobs,
        signals,
        syncs: createSourceSyncs(),
      })
      const jobs = () =>
        database.transact(tenantId, (transaction) =>
          queue.jobs.list(transaction, {}, { after: null, limit: 10, order: 'asc' }),
        )
      // The text of a page is not the file's own bytes: it is a blob of its own.
      const job: IngestJob = await workshop.add(`<h1>Rain</h1><p>${TEXT}</p>`, {
        filename: 'rain.html',
      })
      await database.transact(tenantId, (transaction) => queue.queue.send(transaction, job))
      const [sent] = (await jobs()) ?? []
      const cancel = () => steer.cancel(tenantId, { ids: [sent?.id ?? ''] })
      const ingest = workshop.ingestWith(interrupted(workshop, stage, cancel))
      const tenantDirectory = createTenantDirectory({ tenants: createTenants(world.backend.pool) })
      queue.work(handleIngestDocument({ ingest, giveUp: async () => 'settled', tenantDirectory }), {
        concurrency: 1,
      })

      await vi.waitFor(() => expect(workshop.fates).toHaveLength(2), soon)
      expect((await jobs())?.map(({ status }) => status)).toEqual(['cancelled'])
      expect((await workshop.document(job))?.status).toBe('cancelled')
      expect(await workshop.countChunks()).toBe(0)
      expect(await workshop.countBlobs()).toBe(1)
      await queue.stop({ timeoutMs: 1_000 })
      await signals.close()
      expect(workshop.errors).toEqual([])
    },
  )
})
