import { join } from 'node:path'
import type { BlobStore } from '../../src/core/ports/blob-store.ts'
import type { Database } from '../../src/core/ports/database.ts'
import type { Jobs } from '../../src/core/ports/jobs.ts'
import type { JobSender, SyncJob } from '../../src/core/ports/queue.ts'
import type { Signals } from '../../src/core/ports/signals.ts'
import type { HttpDeps } from '../../src/http/http-deps.ts'
import { openSourceKinds } from '../../src/app/open-source-kinds.ts'
import { openCredentialSeal } from '../../src/app/credential-seal.ts'
import { createSourceDesk } from '../../src/ingest/sync/source-desk.ts'
import { createStartSync } from '../../src/ingest/sync/start-sync.ts'
import { openReach } from '../../src/app/open-reach.ts'
import { createSourceDocuments } from '../../src/storage/source-documents.ts'
import { createSourceSyncs } from '../../src/storage/source-syncs.ts'
import { createSources } from '../../src/storage/sources.ts'
import { createFakeSource } from '../sources/fake-source.ts'

/** Sources of every kind, and one of a fake one; folders may lie below `sources` in the world's folder. */
export function sourcesOf(of: {
  readonly database: Database
  readonly blobs: BlobStore
  readonly jobs: Jobs
  readonly signals: Signals
  readonly queue: JobSender<SyncJob>
  readonly folder: string
}): Pick<HttpDeps, 'sourceDesk' | 'sourceKinds' | 'sourceSyncs' | 'sources'> {
  const { queue, folder, ...parts } = of
  const fake = createFakeSource()
  const reach = openReach({ allowedHosts: [], allowedNetworks: [], allowedPorts: [80, 443] })
  const real = openSourceKinds(
    {
      dataDirectory: folder,
      maxFileBytes: 200_000,
      folderRoots: [join(folder, 'sources')],
      lendCredentials: false,
      timeoutMs: 1_000,
      userAgent: 'Ragstone/test',
      fetchSeconds: 5,
    },
    { reach, logger: { warn: () => undefined }, variables: {} },
  )
  const sources = createSources()
  const syncs = createSourceSyncs()
  const kinds = new Map([...real, [fake.kind.name, fake.kind]])
  const seal = openCredentialSeal({
    dataKeys: null,
    secrets: ['a secret of the tests, 32 characters'],
  })
  return {
    sources,
    sourceSyncs: syncs,
    sourceKinds: kinds,
    sourceDesk: createSourceDesk({
      ...parts,
      kinds,
      seal,
      sources,
      syncs,
      sourceDocuments: createSourceDocuments(),
      startSync: createStartSync({ syncs, queue }),
    }),
  }
}
