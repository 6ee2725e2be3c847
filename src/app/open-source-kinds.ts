import { join } from 'node:path'
import type { Logger } from 'pino'
import type { SourceKind } from '../core/ports/source-kind.ts'
import type { Reach } from '../outside/reach.ts'
import { createSourceKinds } from '../sources/source-kinds.ts'
import { gitEnvironment } from './git-environment.ts'
import { openBucket } from './open-bucket.ts'

export interface SourceKindSettings {
  readonly dataDirectory: string
  readonly maxFileBytes: number
  readonly folderRoots: readonly string[]
  /** Whether buckets without credentials are read as the server itself. */
  readonly lendCredentials: boolean
  /** How long a bucket may be silent. */
  readonly timeoutMs: number
  /** How the server names itself to sites. */
  readonly userAgent: string
  /** For one address of a site. */
  readonly fetchSeconds: number
}

export interface SourceKindServices {
  readonly reach: Reach
  readonly logger: Pick<Logger, 'warn'>
  /** Of the process. */
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** Every kind of source, as this server is configured. */
export function openSourceKinds(
  settings: SourceKindSettings,
  { reach, logger, variables }: SourceKindServices,
): ReadonlyMap<string, SourceKind> {
  const { timeoutMs } = settings
  return createSourceKinds({
    ...settings,
    reach,
    openBucket: (place) => openBucket(place, { reach, timeoutMs }),
    machineCredentials: settings.lendCredentials,
    copiesFolder: join(settings.dataDirectory, 'copies'),
    gitEnvironment: gitEnvironment(variables),
    warn: (sentence) => logger.warn(sentence),
  })
}
