import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../core/errors.ts'
import type { SourceReach } from '../source-reach.ts'
import { dropLeftovers } from './drop-leftovers.ts'
import { startGit, type GitProcess } from './git-process.ts'
import { pinnedAddress } from './pinned-address.ts'

export interface RepositoryOptions {
  /** Where copies are for as long as a listing takes. */
  readonly folder: string
  /** What git may know of the server's variables: where programs and certificates are. */
  readonly environment: Readonly<Record<string, string>>
  readonly reach: SourceReach
  /** The most that one answer of the server may hold. */
  readonly packBytes: number
  /** For one call of git. */
  readonly timeoutMs: number
}

/** A bare copy that holds no file until some are asked for. */
export interface Repository {
  /** Asks the server. Gives what was written. */
  ask(args: readonly string[], extra?: AskOptions): Promise<string>
  /** Looks at the copy alone: nothing that is missing is fetched. */
  look(args: readonly string[]): GitProcess
  /** The packs that there are, to drop later ones. */
  packs(): Promise<ReadonlySet<string>>
  dropPacks(except: ReadonlySet<string>): Promise<void>
  close(): Promise<void>
}

export interface AskOptions {
  readonly input?: string
  readonly packBytes?: number
}

/** Whoever wants a newer git is told so before it is refused an option. */
const OLDEST = [2, 37] as const
const MOST_ANSWER = 1_048_576
const SECURE = [
  ['core.hooksPath', '/dev/null'],
  ['core.askPass', ''],
  ['protocol.allow', 'never'],
  ['http.followRedirects', 'false'],
  ['http.proxy', ''],
  ['http.lowSpeedLimit', '100'],
  ['http.lowSpeedTime', '60'],
  ['fetch.recurseSubmodules', 'false'],
  ['fetch.unpackLimit', '1'],
  ['fetch.negotiationAlgorithm', 'noop'],
  ['transfer.bundleURI', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['pack.threads', '1'],
  ['core.packedGitLimit', '256m'],
  ['core.packedGitWindowSize', '16m'],
  ['core.bigFileThreshold', '32m'],
] as const

export async function openRepository(
  options: RepositoryOptions,
  place: { readonly url: URL; readonly secret: string | null },
  signal: AbortSignal,
): Promise<Repository> {
  const pinned = await pinnedAddress(place.url, options.reach)
  await mkdir(options.folder, { recursive: true, mode: 0o700 })
  await dropLeftovers(options.folder)
  const folder = await mkdtemp(join(options.folder, 'git-'))
  const packFolder = join(folder, 'objects', 'pack')
  const online = [
    ...SECURE,
    [`protocol.${place.url.protocol.slice(0, -1)}.allow`, 'always'],
    ...(pinned === null ? [] : [['http.curloptResolve', pinned]]),
  ] as readonly (readonly [string, string])[]

  function start(args: readonly string[], asks: { readonly packBytes: number } | null): GitProcess {
    const over = AbortSignal.timeout(options.timeoutMs)
    return startGit({
      arguments: args,
      folder,
      config: asks === null ? SECURE : online,
      environment: options.environment,
      secret: asks === null ? null : place.secret,
      fileBytes: asks?.packBytes ?? options.packBytes,
      // What is looked at lasts as long as who looks.
      signal: asks === null ? signal : AbortSignal.any([signal, over]),
    })
  }
  async function run(process: GitProcess, input = ''): Promise<string> {
    process.input.end(input)
    const text = await textOf(process)
    await process.ended
    return text
  }
  const repository: Repository = {
    async ask(args, { input, packBytes = options.packBytes } = {}) {
      // A copy that is in use is not taken for one that was left.
      await utimes(folder, new Date(), new Date())
      return run(start(args, { packBytes }), input)
    },
    look: (args) => start(args, null),
    packs: async () => new Set(await readdir(packFolder)),
    async dropPacks(except) {
      const names = (await readdir(packFolder)).filter((name) => !except.has(name))
      for (const name of names) await rm(join(packFolder, name), { force: true })
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
  try {
    insistOnVersion(await run(start(['version'], null)))
    await run(start(['init', '--quiet', '--bare', '.'], null))
    await run(start(['config', 'remote.origin.url', place.url.href], null))
    return repository
  } catch (error) {
    await repository.close()
    throw error
  }
}

async function textOf(process: GitProcess): Promise<string> {
  let text = ''
  for await (const piece of process.output) {
    text += String(piece)
    if (text.length > MOST_ANSWER) {
      process.stop()
      throw new AppError('provider_rejected', 'The repository names too many branches and tags.')
    }
  }
  return text
}

function insistOnVersion(said: string): void {
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(said) ?? []
  const isOld =
    Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1])
  if (!isOld) return
  const message = `The program git on the server is older than ${OLDEST.join('.')}. Whoever runs it can install a newer one.`
  throw new AppError('provider_rejected', message)
}
