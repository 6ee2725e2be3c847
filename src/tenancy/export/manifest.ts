import type { Tenant } from '../../core/tenant.ts'

export const EXPORT_FORMAT = 'ragstone-tenant-export'
export const EXPORT_VERSION = 1
export const MANIFEST = 'manifest.json'

/** The last entry of an export: what is in it, what is not, and how to tell that all of it is there as it was. */
export interface ExportManifest {
  readonly format: typeof EXPORT_FORMAT
  readonly version: typeof EXPORT_VERSION
  /** `ragstone 1.2.3` */
  readonly made_by: string
  readonly made_at: string
  readonly tenant: Pick<Tenant, 'id' | 'name' | 'status' | 'tier'>
  /** Whether all rows are as they were at `made_at`, whatever changed meanwhile. */
  readonly one_moment: boolean
  readonly tables: Readonly<Record<string, TableSummary>>
  /** Tables of which nothing is here, and why. */
  readonly left_out: Readonly<Record<string, string>>
  /** As they were uploaded. */
  readonly files: BlobSummary
  /** That were read from them, each once: what citations count bytes in. */
  readonly texts: BlobSummary
  /** What should be here and is not, or not as it was. */
  readonly incomplete: readonly Incomplete[]
  /** Lists of the SHA-256 of every entry before them, in the form that `sha256sum --check` reads. */
  readonly checksums: readonly ChecksumList[]
}

export interface TableSummary {
  readonly rows: number
  readonly columns: readonly string[]
  /** Columns that never leave the server. */
  readonly withheld: readonly string[]
}

export interface BlobSummary {
  readonly count: number
  readonly bytes: number
}

export interface Incomplete {
  readonly path: string
  /** That it should have. */
  readonly sha256: string
  /** `deleted` while the export was made; `missing` and `damaged` are faults of the server's storage. */
  readonly why: 'damaged' | 'deleted' | 'missing'
}

export interface ChecksumList {
  readonly path: string
  readonly entries: number
  readonly sha256: string
}

/** Throws an Error with a sentence for the manifest of something else, or of a version to come. */
export function readManifest(text: string): ExportManifest {
  const manifest = parsed(text) as Partial<ExportManifest> | null
  if (manifest?.format !== EXPORT_FORMAT) throw new Error('Its manifest is none of an export.')
  if (manifest.version !== EXPORT_VERSION) {
    throw new Error(
      `It is of version ${String(manifest.version)}, which this Ragstone does not know: use a newer one.`,
    )
  }
  const { tables, files, texts, checksums, tenant, incomplete } = manifest
  const isWhole = [tables, files, texts, tenant].every(isObject)
  if (!isWhole || !Array.isArray(checksums) || !Array.isArray(incomplete))
    throw new Error('Its manifest is damaged.')
  return manifest as ExportManifest
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('Its manifest is damaged.')
  }
}
