import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Valkey } from 'iovalkey'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { freePort } from './free-port.ts'

/** A Valkey that tests may write to, under keys of their own. */
export const VALKEY_URL = process.env['RAGSTONE_TEST_VALKEY_URL']
/** How a Valkey of a test's own is started, for tests that end it: `valkey-server`, or with chroot before it. */
const VALKEY_COMMAND = process.env['RAGSTONE_TEST_VALKEY_COMMAND']

/** Runs the suite where there is a Valkey. */
export function describeOnValkey(title: string, suite: (valkey: () => Valkey) => void): void {
  if (VALKEY_URL === undefined) {
    test.skip(`${title}: RAGSTONE_TEST_VALKEY_URL names no Valkey: see scripts/valkey.sh`)
    return
  }
  describe(title, () => {
    let valkey: Valkey | undefined
    beforeAll(() => {
      valkey = new Valkey(VALKEY_URL ?? '')
    })
    afterAll(() => valkey?.disconnect())
    suite(() => {
      if (valkey === undefined) throw new Error('Not connected yet: use it inside tests.')
      return valkey
    })
  })
}

/** Runs the suite where a Valkey can be started and ended. */
export function describeWithOwnValkey(title: string, suite: () => void): void {
  if (VALKEY_COMMAND === undefined) {
    test.skip(`${title}: RAGSTONE_TEST_VALKEY_COMMAND starts no Valkey: see scripts/valkey.sh`)
    return
  }
  describe(title, suite)
}

export interface OwnValkey {
  readonly url: string
  /** Ends it as a crash would; what it held is gone. */
  kill(): Promise<void>
  /** On the same port again. */
  restart(): Promise<void>
  /** It stays connected and answers nobody. */
  freeze(): void
  thaw(): void
}

/** A Valkey of the test's own, which keeps nothing on disk. */
export async function startValkey(): Promise<OwnValkey> {
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  const start = async () => {
    const [program = '', ...words] = (VALKEY_COMMAND ?? '').split(' ')
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '']
    const started = spawn(program, [...words, ...settings], { stdio: 'ignore' })
    await untilAnswering(url)
    return started
  }
  let child = await start()
  return {
    url,
    async kill() {
      if (child.signalCode !== null || child.exitCode !== null) return
      const exited = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await exited
    },
    async restart() {
      child = await start()
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  }
}

async function untilAnswering(url: string): Promise<void> {
  const valkey = new Valkey(url, { retryStrategy: () => 20, maxRetriesPerRequest: null })
  valkey.on('error', () => undefined)
  try {
    await Promise.race([
      valkey.ping(),
      sleep(10_000).then(() => {
        throw new Error('Valkey did not start: does RAGSTONE_TEST_VALKEY_COMMAND name it?')
      }),
    ])
  } finally {
    valkey.disconnect()
  }
}
