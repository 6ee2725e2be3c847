import type { FileObject } from '../../../contract/file.ts'
import type { FileRecord } from '../../../core/ports/files.ts'
import { unixSeconds } from '../../unix-seconds.ts'

export function wireFile(file: FileRecord): FileObject {
  return {
    id: file.id,
    object: 'file',
    bytes: file.bytes,
    created_at: unixSeconds(file.createdAt),
    filename: file.filename,
    purpose: file.purpose,
    // What becomes of it is said by the vector stores that hold it.
    status: 'processed',
    ...(file.expiresAt === null ? {} : { expires_at: unixSeconds(file.expiresAt) }),
    ragstone: { sha256: file.sha256 },
  }
}
