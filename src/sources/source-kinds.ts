import type { SourceKind } from '../core/ports/source-kind.ts'
import type { Reach } from '../outside/reach.ts'
import { createFolderKind } from './folder/folder-kind.ts'
import { createGitKind } from './git/git-kind.ts'
import type { S3KindOptions } from './s3/open-s3-source.ts'
import { createS3Kind } from './s3/s3-kind.ts'
import { createWebKind } from './web/web-kind.ts'

export interface SourceKindDeps {
  /** Of one document. */
  readonly maxFileBytes: number
  /** Absolute paths below which folders may be read; none turns the kind off. */
  readonly folderRoots: readonly string[]
  /** Which addresses may be called that a source names. */
  readonly reach: Reach
  /** How the server names itself to sites. */
  readonly userAgent: string
  /** For one address of a site, its content included. */
  readonly fetchSeconds: number
  readonly openBucket: S3KindOptions['openBucket']
  /** Whether a bucket without credentials is read as the server itself. */
  readonly machineCredentials: boolean
  /** Where copies of repositories are for as long as a listing takes. */
  readonly copiesFolder: string
  /** What git may know of the server's variables. */
  readonly gitEnvironment: Readonly<Record<string, string>>
  /** Of what was put away without being understood. */
  readonly warn: (sentence: string) => void
}

/** For one call of git: a repository that takes longer is not waited for. */
const GIT_TIMEOUT_MS = 900_000
const MOST_FILES = 1_000_000

/** Every kind of source there is, by its name. */
export function createSourceKinds(deps: SourceKindDeps): ReadonlyMap<string, SourceKind> {
  const kinds: readonly SourceKind[] = [
    createFolderKind({ roots: deps.folderRoots, maxFileBytes: deps.maxFileBytes }),
    createS3Kind(deps),
    createGitKind({
      folder: deps.copiesFolder,
      environment: deps.gitEnvironment,
      reach: deps.reach,
      timeoutMs: GIT_TIMEOUT_MS,
      maxEntries: MOST_FILES,
      maxFileBytes: deps.maxFileBytes,
    }),
    createWebKind(deps),
  ]
  return new Map(kinds.map((kind) => [kind.name, kind]))
}
