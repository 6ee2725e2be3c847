import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import OpenAI from 'openai'
import { freePort } from './free-port.ts'
import { copyMigrated } from './storage/migrated-pglite.ts'
import { insistOnNoSecrets, noteSecret } from './watched-log.ts'

export interface RagstoneProcess {
  readonly url: string
  readonly key: string
  readonly pid: number
  readonly client: OpenAI
  /** What it wrote to standard error so far. */
  log(): string
  /** Ends at once, as a crash or an out-of-memory killer would. Resolves when it is gone. */
  kill(): Promise<void>
  /** Milliseconds from spawn to the first `/readyz` that said yes. */
  readonly startMilliseconds: number
  stop(): Promise<void>
}

export interface StartOptions {
  /** Kept after stop when given; a temporary one otherwise, with a database that is there already. */
  readonly dataDirectory?: string
  /** An API key of that directory; a new one is made when absent. */
  readonly key?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Of the key that is made; the command's own choice when absent. */
  readonly scopes?: readonly string[]
}

/** Five seconds on a machine with nothing else to do. */
const MOST_START_MS = 180_000
const MAIN = new URL('../src/app/main.ts', import.meta.url).pathname

/** Starts the server as a user would, on a free loopback port, and waits until it is ready. */
export async function startRagstone(options: StartOptions = {}): Promise<RagstoneProcess> {
  const dataDirectory = options.dataDirectory ?? (await makeDataDirectory(options))
  const port = await freePort()
  const environment = {
    ...process.env,
    RAGSTONE_SERVER_PORT: String(port),
    RAGSTONE_DATA_DIRECTORY: dataDirectory,
    RAGSTONE_DATA_SAMPLES: 'false',
    RAGSTONE_SERVER_LOG_LEVEL: 'warn',
    // A machine that runs many tests at once is late, and that is not what they ask about.
    RAGSTONE_ADMISSION_MAX_EVENT_LOOP_DELAY_MS: '0',
    ...options.environment,
  }
  const started = performance.now()
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
    process.stderr.write(text)
  })
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  const url = `http://127.0.0.1:${port}`
  await untilReady(url, () => child.exitCode)
  const startMilliseconds = performance.now() - started
  const key = options.key ?? (await createKey(environment, options.scopes ?? []))
  noteSecret(key)
  return {
    url,
    key,
    pid: child.pid ?? 0,
    client: new OpenAI({ baseURL: `${url}/v1`, apiKey: key, timeout: 600_000, maxRetries: 0 }),
    startMilliseconds,
    log: () => log,
    async kill() {
      child.kill('SIGKILL')
      await exited
      insistOnNoSecrets(log, 'a server')
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
      if (options.dataDirectory === undefined)
        await rm(dataDirectory, { recursive: true, force: true })
      insistOnNoSecrets(log, 'a server')
    },
  }
}

async function makeDataDirectory({ environment = {} }: StartOptions): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ragstone-'))
  if (!environment['DATABASE_URL']) await copyMigrated(join(directory, 'database'))
  return directory
}

async function untilReady(url: string, exitCode: () => number | null): Promise<void> {
  const patience = performance.now() + MOST_START_MS
  while (performance.now() < patience) {
    if (exitCode() !== null) throw new Error(`The server ended with ${exitCode()}.`)
    const ready = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
    await sleep(10)
  }
  throw new Error('The server was not ready after three minutes.')
}

async function createKey(
  environment: NodeJS.ProcessEnv,
  scopes: readonly string[],
): Promise<string> {
  const wanted = scopes.flatMap((scope) => ['--scope', scope])
  const child = spawn(process.execPath, [MAIN, 'keys', 'create', 'test', '--json', ...wanted], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const output = (await Array.fromAsync(child.stdout)).join('')
  return (JSON.parse(output) as { key: string }).key
}
