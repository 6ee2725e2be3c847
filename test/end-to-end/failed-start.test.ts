import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { copyMigrated } from '../storage/migrated-pglite.ts'

const MAIN = new URL('../../src/app/main.ts', import.meta.url).pathname

test('a start that fails with the database already open ends the process', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ragstone-start-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  await copyMigrated(join(directory, 'database'))
  // What should be a file cannot be read.
  await mkdir(join(directory, 'auth-secret'))
  const child = spawn(process.execPath, [MAIN, 'serve', '--port', '0'], {
    env: { ...process.env, DATABASE_URL: '', RAGSTONE_DATA_DIRECTORY: directory },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))

  expect(code).toBe(1)
  expect(log).toContain('EISDIR')
})
