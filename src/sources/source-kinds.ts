import type { SourceKind } from '../core/ports/source-kind.ts'
import { createFolderKind } from './folder/folder-kind.ts'

export interface SourceKindDeps {
  /** Of one document. */
  readonly maxFileBytes: number
  /** Absolute paths below which folders may be read; none turns the kind off. */
  readonly folderRoots: readonly string[]
}

/** Every kind of source there is, by its name. */
export function createSourceKinds(deps: SourceKindDeps): ReadonlyMap<string, SourceKind> {
  const kinds: readonly SourceKind[] = [
    createFolderKind({ roots: deps.folderRoots, maxFileBytes: deps.maxFileBytes }),
  ]
  return new Map(kinds.map((kind) => [kind.name, kind]))
}
