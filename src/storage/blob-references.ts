import type { Transaction } from '../core/ports/database.ts'
import { liftReach } from './reach-settings.ts'

export interface BlobReference {
  readonly sha256: string
  /** The file or the document, as its owner knows it. */
  readonly referrer: string
}

/** What the tenant's rows refer to, by hash, each once. */
export async function referencesPage(
  transaction: Transaction,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<readonly BlobReference[]> {
  await liftReach(transaction)
  return transaction.query<BlobReference>(
    `select sha256, min(referrer) as referrer from (
       select sha256, id as referrer from files where tenant_id = $1 and sha256 > $2
       union all
       select text_sha256, file_id from documents where tenant_id = $1 and text_sha256 > $2) as referred
     group by sha256 order by sha256 limit $3`,
    [transaction.tenantId, after, limit],
  )
}
