import { AppError, type ErrorCode } from '../../core/errors.ts'
import { JobLost } from '../../core/job.ts'
import type { SourceItem } from '../../core/ports/source-kind.ts'

type Document = Extract<SourceItem, { type: 'document' }>

/** Longer ones do not fit into an index of the database. */
const LONGEST_KEY = 2_000

/** What is to be done about a listed document. */
export function verdictOn(
  item: Document,
  known: ReadonlyMap<string, string | null>,
): { readonly do: 'leave' | 'read' } | { readonly do: 'skip'; readonly reason: string } {
  if (item.bytes === 0) return { do: 'skip', reason: EMPTY }
  const isSame = item.version !== null && known.get(item.key) === item.version
  return { do: isSame ? 'leave' : 'read' }
}

export const EMPTY = 'It is empty.'

/** A sentence on why a key cannot be kept; null where it can. */
export function keyFault(key: string): string | null {
  if (!key.isWellFormed() || key.includes('\0'))
    return 'Its name has characters that cannot be kept.'
  return Buffer.byteLength(key) > LONGEST_KEY
    ? `Its name is longer than ${LONGEST_KEY} bytes.`
    : null
}

/** The server's own troubles, and nothing that the document could help. */
const TROUBLES: readonly ErrorCode[] = [
  'conflict',
  'database_unavailable',
  'shutting_down',
  'tenant_suspended',
]

/** Whether the failure is one of the single document, so that the sync goes on with the others. */
export function isOfDocument(error: unknown): boolean {
  if (error instanceof JobLost) return false
  return !(error instanceof AppError) || !TROUBLES.includes(error.code)
}

/** What a listing would have skipped, had it known. */
export const isNotForUs = (error: unknown) =>
  error instanceof AppError && ['file_too_large', 'file_type_unsupported'].includes(error.code)

/** Failures of a listing that another attempt would meet again. */
const FINAL: readonly ErrorCode[] = [
  'input_rejected',
  'limit_reached',
  'permission_denied',
  'provider_rejected',
  'resource_not_found',
  'unauthenticated',
]

export const isFinal = (error: unknown) => error instanceof AppError && FINAL.includes(error.code)

export function sentenceOf(error: unknown): string {
  return error instanceof AppError
    ? error.message
    : 'It could not be read: the log of the server says why.'
}
