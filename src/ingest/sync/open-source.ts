import type { OpenSource } from '../../core/ports/source-kind.ts'
import type { SourceRecord } from '../../core/source.ts'
import type { SyncDeps } from './sync-deps.ts'

type Opened = { readonly source: OpenSource } | { readonly refusal: string }

/** The source as its kind has it, or a sentence on why it cannot be (any longer). */
export async function openSource(
  { kinds, seal }: Pick<SyncDeps, 'kinds' | 'seal'>,
  of: {
    readonly tenantId: string
    readonly record: SourceRecord
    readonly sealed: string | null
  },
): Promise<Opened> {
  const { tenantId, record, sealed } = of
  const place = { tenantId, sourceId: record.id }
  const credentials: unknown = sealed === null ? null : JSON.parse(await seal.open(sealed, place))
  return openKind(kinds, { ...record, credentials })
}

/** As `openSource`, of what may become one. */
export function openKind(
  kinds: SyncDeps['kinds'],
  {
    kind: name,
    settings,
    credentials,
  }: Pick<SourceRecord, 'kind' | 'settings'> & { readonly credentials: unknown },
): Opened {
  const kind = kinds.get(name)
  if (kind === undefined) return { refusal: `This server knows no sources of the kind ${name}.` }
  const refusal = kind.refusal(settings, credentials)
  return refusal === null ? { source: kind.open(settings, credentials) } : { refusal }
}
