import type { SyncNote } from '../../core/source.ts'

/** About a document of which nothing was taken in. */
export const noteOf = (
  key: string,
  action: Exclude<SyncNote['action'], 'added' | 'changed'>,
  reason: string | null,
): SyncNote => ({ key, action, reason, fileId: null, bytes: null })
