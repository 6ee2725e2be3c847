import type { Transaction } from '../../../core/ports/database.ts'
import type { Files } from '../../../core/ports/files.ts'
import { notFound } from '../../not-found.ts'

/** Before anything is done with any of them. Throws `resource_not_found` for the first that is not there. */
export async function requireFiles(
  files: Files,
  transaction: Transaction,
  wanted: { readonly ids: readonly string[]; readonly param: string },
): Promise<void> {
  for (const id of wanted.ids) {
    const file = await files.get(transaction, id)
    if (file === null) throw notFound('file', id, wanted.param)
  }
}
