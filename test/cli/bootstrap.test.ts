import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
// @ts-expect-error -- plain JavaScript, because it runs before anything is installed
import { explainFailure, withInstallLock } from '../../scripts/install-support.mjs'
// @ts-expect-error -- the same
import { RUNTIMES } from '../../scripts/runtime-pins.mjs'

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string } & Dependencies>>
}
interface Dependencies {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const runLocked = withInstallLock as (
  where: { folder: string; say: (sentence: string) => void },
  work: () => Promise<unknown>,
) => Promise<unknown>
const read = (path: string) => readFileSync(path, 'utf8')
const manifest = JSON.parse(read('package.json')) as Dependencies
const lock = JSON.parse(read('package-lock.json')) as Lock

describe('what is installed is what was tried', () => {
  // A package under another name is spelled `npm:name@version`.
  const wanted = Object.fromEntries(
    Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).map(
      ([name, version]) => [name, version.replace(/^npm:.+@/, '')],
    ),
  )

  test('every version is exact', () => {
    const loose = Object.entries(wanted).filter(([, version]) => !/^\d+\.\d+\.\d+/.test(version))

    expect(loose).toEqual([])
  })

  test('the lock file is in step with package.json', () => {
    const locked = Object.keys(wanted).map((name) => [
      name,
      lock.packages[`node_modules/${name}`]?.version,
    ])

    expect(Object.fromEntries(locked)).toEqual(wanted)
  })

  test('no registry is named', () => {
    expect(read('package-lock.json')).not.toContain('"resolved"')
    expect(read('.npmrc')).not.toMatch(/registry\s*=\s*http/)
  })

  test('every Node that may be brought is pinned by its hash', () => {
    const pins = Object.values(RUNTIMES as Record<string, { version: string; integrity: string }>)

    expect(pins.every(({ version }) => version.startsWith('24.'))).toBe(true)
    expect(pins.every(({ integrity }) => /^sha512-.{86}==$/.test(integrity))).toBe(true)
  })
})

test.each([
  ['npm error code ENOTFOUND', 'The package registry cannot be reached.'],
  ['npm error code ENOSPC', 'The disk is full.'],
  ['npm error code EACCES', 'A folder here cannot be written.'],
  ['npm error code SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS'],
  ['npm error something else', 'npm failed (exit code 1).'],
])('a failed installation is put into words: %s', (output, sentence) => {
  expect(
    (explainFailure as (output: string, how: string) => string)(output, 'exit code 1'),
  ).toContain(sentence)
})

describe('two installations at once', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ragstone-lock-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('go one after the other', async () => {
    const order: string[] = []
    const work = (name: string) => async () => {
      order.push(`${name} began`)
      await new Promise((resolve) => setTimeout(resolve, 50))
      order.push(`${name} ended`)
    }
    const said: string[] = []
    const where = { folder, say: (sentence: string) => void said.push(sentence) }
    await Promise.all([runLocked(where, work('first')), runLocked(where, work('second'))])

    expect(order).toEqual(['first began', 'first ended', 'second began', 'second ended'])
    expect(said).toEqual(['Another command is installing; waiting for it…'])
  })

  test('a lock whose owner was killed is taken over', async () => {
    const { child } = promisify(execFile)(process.execPath, ['--version'])
    await new Promise((resolve) => child.once('exit', resolve))
    writeFileSync(join(folder, 'install.lock'), String(child.pid))

    expect(await runLocked({ folder, say: () => undefined }, () => Promise.resolve('done'))).toBe(
      'done',
    )
  })

  test('leave no lock behind, even after a failure', async () => {
    const failing = runLocked({ folder, say: () => undefined }, () =>
      Promise.reject(new Error('x')),
    )

    await expect(failing).rejects.toThrow('x')
    expect(existsSync(join(folder, 'install.lock'))).toBe(false)
  })
})
