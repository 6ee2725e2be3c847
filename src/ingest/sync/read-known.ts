import type { RunningSync, SyncDeps } from './sync-deps.ts'

const PAGE = 5_000

/** Versions by key of everything that was taken in from the source before: some 200 bytes of memory each. */
export async function readKnown(
  { database, sourceDocuments }: Pick<SyncDeps, 'database' | 'sourceDocuments'>,
  { tenantId, record }: Pick<RunningSync, 'record' | 'tenantId'>,
): Promise<ReadonlyMap<string, string | null>> {
  const known = new Map<string, string | null>()
  let after: string | null = null
  for (;;) {
    const rows = await readPage(after)
    for (const { key, version } of rows) known.set(key, version)
    if (rows.length < PAGE) return known
    after = rows.at(-1)?.key ?? null
  }

  function readPage(behind: string | null) {
    const page = { after: behind, limit: PAGE }
    return database.transact(tenantId, (transaction) =>
      sourceDocuments.versions(transaction, record.id, page),
    )
  }
}
