import { spawn } from 'node:child_process'
import { insistOnNoSecrets } from './watched-log.ts'

export interface WorkerProcess {
  readonly pid: number
  kill(): Promise<void>
  stop(): Promise<number | null>
  /** Exit code, once it has ended, and what it said. */
  readonly ended: Promise<{ readonly code: number | null; readonly log: string }>
}

const MAIN = new URL('../src/app/main.ts', import.meta.url).pathname

/** `ragstone work` as a user would start it; resolves when it works, or has ended. */
export async function startWorkerProcess(
  environment: Readonly<Record<string, string>>,
): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [MAIN, 'work'], {
    env: {
      ...process.env,
      RAGSTONE_SERVER_LOG_LEVEL: 'warn',
      RAGSTONE_DATA_SAMPLES: 'false',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
    process.stderr.write(text)
  })
  const ended = new Promise<{ code: number | null; log: string }>((resolve) => {
    child.once('close', (code) => {
      insistOnNoSecrets(log, 'a worker')
      resolve({ code, log })
    })
  })
  await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), ended])
  return {
    pid: child.pid ?? 0,
    ended,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      child.kill('SIGTERM')
      return (await ended).code
    },
  }
}
