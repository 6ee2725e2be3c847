import type { Readable } from 'node:stream'
import { AppError } from '../../core/errors.ts'
import type { BlobStore } from '../../core/ports/blob-store.ts'
import type { RowReader, TenantRows } from '../../core/ports/tenant-rows.ts'
import type { Tenants } from '../../core/ports/tenants.ts'
import type { Tenant } from '../../core/tenant.ts'
import { createArchive, type Archive } from './archive.ts'
import { createLedger } from './ledger.ts'
import {
  EXPORT_FORMAT,
  EXPORT_VERSION,
  MANIFEST,
  type ExportManifest,
  type TableSummary,
} from './manifest.ts'
import { filesOf, textsOf, writeBlobs } from './write-blobs.ts'
import { writeTable } from './write-table.ts'

export interface ExportDeps {
  readonly tenantRows: TenantRows
  readonly blobs: Pick<BlobStore, 'open'>
  readonly tenants: Pick<Tenants, 'find'>
  readonly version: string
  /** After which a tenant that is being erased is no longer exported. */
  readonly lookEveryMs?: number
}

export interface TenantExport {
  /** Gzipped tar; destroyed when it cannot be finished. */
  readonly stream: Readable
  /** Resolves when everything is in the stream. */
  readonly written: Promise<WrittenExport>
}

export interface WrittenExport {
  readonly manifest: ExportManifest
  readonly manifestSha256: string
}

interface Work {
  readonly tenant: Tenant
  readonly archive: Archive
  readonly madeAt: Date
}

/** Everything of a tenant but its secrets. Ends with the signal. */
export type ExportTenant = (tenant: Tenant, signal: AbortSignal) => TenantExport

const LOOK_EVERY_MS = 2_000

export function createExportTenant(deps: ExportDeps): ExportTenant {
  return (tenant, signal) => {
    const madeAt = new Date()
    const archive = createArchive({ madeAt, signal })
    return { stream: archive.stream, written: writeAll({ tenant, archive, madeAt, signal }) }
  }

  async function writeAll(of: Work & { readonly signal: AbortSignal }): Promise<WrittenExport> {
    const { tenant, archive, signal } = of
    try {
      const written = await deps.tenantRows.read(tenant.id, (reader) => write(reader, of), signal)
      // Not before: whoever has all of it may count on the database's connection being free again.
      archive.end()
      return written
    } catch (error) {
      archive.fail(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
  }

  async function write(
    reader: RowReader,
    { tenant, archive, madeAt }: Work,
  ): Promise<WrittenExport> {
    const insist = insistOnTenant(tenant.id)
    const ledger = createLedger({
      async add(entry) {
        await insist(false)
        return archive.add(entry)
      },
    })
    const known = await reader.tables()
    const tables: Record<string, TableSummary> = {}
    for (const table of known) tables[table.name] = await writeTable(table, { reader, ledger })
    const blobs = {
      ledger,
      open: (sha256: string) => deps.blobs.open(tenant.id, sha256),
      isKept: (sha256: string) => deps.tenantRows.refersTo(tenant.id, sha256),
    }
    const { incomplete: missingFiles, ...files } = await writeBlobs(filesOf(reader, known), blobs)
    const { incomplete: missingTexts, ...texts } = await writeBlobs(textsOf(reader), blobs)
    const checksums = await ledger.close()
    await insist(true)
    const { id, name, status, tier } = tenant
    const manifest: ExportManifest = {
      format: EXPORT_FORMAT,
      version: EXPORT_VERSION,
      made_by: `ragstone ${deps.version}`,
      made_at: madeAt.toISOString(),
      tenant: { id, name, status, tier },
      one_moment: reader.isOneMoment,
      tables,
      left_out: deps.tenantRows.leftOut,
      files,
      texts,
      incomplete: [...missingFiles, ...missingTexts],
      checksums,
    }
    const content = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)
    const entry = { path: MANIFEST, bytes: content.length, content: [content] }
    const manifestSha256 = await archive.add(entry)
    return { manifest, manifestSha256 }
  }

  /** Nothing of a tenant leaves that is being erased, however long ago it was asked for. */
  function insistOnTenant(id: string): (now: boolean) => Promise<void> {
    let due = Date.now() + (deps.lookEveryMs ?? LOOK_EVERY_MS)
    return async (now) => {
      if (!now && Date.now() < due) return
      due = Date.now() + (deps.lookEveryMs ?? LOOK_EVERY_MS)
      const tenant = await deps.tenants.find(id)
      if (tenant !== null && tenant.status !== 'erasing') return
      throw new AppError('conflict', 'This tenant is being erased.')
    }
  }
}
