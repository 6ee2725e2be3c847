import type { OpenSource } from '../../core/ports/source-kind.ts'
import type { SourceRecord } from '../../core/source.ts'
import type { SyncDeps } from './sync-deps.ts'

/** The source as its kind has it, or a sentence on why it cannot be (any longer). */
export async function openSource(
  { kinds, seal }: Pick<SyncDeps, 'kinds' | 'seal'>,
  of: {
    readonly tenantId: string
    readonly record: SourceRecord
    readonly sealed: string | null
  },
): Promise<{ readonly source: OpenSource } | { readonly refusal: string }> {
  const { tenantId, record, sealed } = of
  const kind = kinds.get(record.kind)
  if (kind === undefined)
    return { refusal: `This server knows no sources of the kind ${record.kind}.` }
  const place = { tenantId, sourceId: record.id }
  const credentials: unknown = sealed === null ? null : JSON.parse(await seal.open(sealed, place))
  const refusal = kind.refusal(record.settings, credentials)
  return refusal === null ? { source: kind.open(record.settings, credentials) } : { refusal }
}
