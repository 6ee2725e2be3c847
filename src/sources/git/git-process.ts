import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { gitFailure } from './git-failure.ts'

export interface GitCall {
  readonly arguments: readonly string[]
  /** The bare repository that it is about, and its home. */
  readonly folder: string
  readonly config: readonly (readonly [string, string])[]
  /** Of the server: where programs and certificates are. Nothing else is handed on. */
  readonly environment: Readonly<Record<string, string>>
  /** Given through a pipe alone: neither arguments nor variables, which others could list. */
  readonly secret: string | null
  /** The largest file that it may write. */
  readonly fileBytes: number
  readonly signal: AbortSignal
}

export interface GitProcess {
  readonly input: Writable
  readonly output: Readable
  /** Throws what `gitFailure` makes of an end that is not good. */
  readonly ended: Promise<void>
  stop(): void
}

const MOST_MEMORY_KIB = 2_097_152
const MOST_COMPLAINT = 4_096
/** A deep tree of deltas or one huge object ends the process that unpacks it, and not the server. */
const LIMITED = 'ulimit -f "$1"; ulimit -v "$2" 2>/dev/null; ulimit -c 0; shift 2; exec git "$@"'
/** The pipe is read once: a server that refuses what is in it is not asked again. */
const HELPER = '!f() { test "$1" = get && cat <&3; }; f'

export function startGit(call: GitCall): GitProcess {
  const limits = [String(Math.ceil(call.fileBytes / 512)), String(MOST_MEMORY_KIB)]
  const child = spawn('/bin/sh', ['-c', LIMITED, 'git', ...limits, ...call.arguments], {
    cwd: call.folder,
    env: environmentOf(call),
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    // Its children go with it.
    detached: true,
  })
  const [input, output, complaints, pipe] = child.stdio
  const secret = pipe as Writable
  const stop = () => killGroup(child)
  call.signal.addEventListener('abort', stop, { once: true })
  // Whoever does not read its input is told so by its end.
  for (const end of [input, secret]) end.on('error', () => undefined)
  secret.end(call.secret ?? '')
  let complaint = ''
  complaints.on('data', (piece: Buffer) => {
    complaint = `${complaint}${piece.toString()}`.slice(-MOST_COMPLAINT)
  })
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(gitFailure({ code: null, complaint: String(error) })))
    child.once('close', (code, by) => {
      call.signal.removeEventListener('abort', stop)
      if (call.signal.aborted) reject(call.signal.reason)
      else if (code === 0) resolve()
      else reject(gitFailure({ code, by, complaint }))
    })
  })
  // Who reads the output learns of the end by and by.
  ended.catch(() => undefined)
  if (call.signal.aborted) stop()
  return { input, output, ended, stop }
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}

function environmentOf({ environment, folder, config, secret }: GitCall): NodeJS.ProcessEnv {
  const helper = secret === null ? [] : ([['credential.helper', HELPER]] as const)
  const pairs = [...config, ['credential.helper', ''] as const, ...helper]
  return {
    ...environment,
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    GIT_DIR: folder,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_CONFIG_COUNT: String(pairs.length),
    ...Object.fromEntries(
      pairs.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
  }
}
