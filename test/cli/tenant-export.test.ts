import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { settle, type Settled } from '../http/settled-tenant.ts'
import { useHttpWorld } from '../http/world.ts'
import { unpack } from '../unpack.ts'
import { runCommand } from './run-command.ts'

const world = useHttpWorld()
let folder = ''
let operator = ''
let tenant: Settled

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ragstone-export-'))
  operator = await world().newKey(['operator', 'admin'])
  tenant = await settle(world(), 'heliotrope')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (...argv: readonly string[]) =>
  runCommand(['--url', world().url, '--api-key', operator, 'tenants', ...argv])
const place = (name: string) => join(folder, name)

test('an export is written, verified, and says what is in it', async () => {
  const to = place('whole.tar.gz')
  const { code, out, err } = await run('export', 'heliotrope', '--to', to)
  const entries = await unpack(await readFile(to))

  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/whole\.tar\.gz: heliotrope \(ten_\w+\) of \d{4}-/)
  expect(out).toMatch(/\d+ rows of \d+ tables, 3 files, [\d.]+ kB/)
  expect(out).toContain('Verified')
  expect([...entries.keys()].at(-1)).toBe('manifest.json')
  expect((await stat(to)).mode & 0o777).toBe(0o600)
})

test('scripts are told in JSON, the hashes with it', async () => {
  const { code, out } = await run('export', tenant.tenantId, '--to', place('json.tar.gz'), '--json')
  const told = JSON.parse(out) as Readonly<Record<string, unknown>>

  expect(code).toBe(0)
  expect(told).toMatchObject({
    file: place('json.tar.gz'),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    is_whole: true,
    faults: [],
    manifest: { tenant: { id: tenant.tenantId, name: 'heliotrope' } },
  })
})

test('without a name it is the tenant that one acts in', async () => {
  const to = place('own.tar.gz')
  const { out } = await run('export', '--to', to, '--json')

  expect(JSON.parse(out)).toMatchObject({ manifest: { tenant: { id: world().tenantId } } })
})

test('a file that is there is left alone, unless it is told to be replaced', async () => {
  const to = place('mine.tar.gz')
  await writeFile(to, 'mine')
  const refused = await run('export', 'heliotrope', '--to', to)
  expect([refused.code, await readFile(to, 'utf8')]).toEqual([2, 'mine'])
  expect(refused.err).toContain('--force')

  const replaced = await run('export', 'heliotrope', '--to', to, '--force')
  expect([replaced.code, (await readFile(to)).subarray(0, 2)]).toEqual([
    0,
    Buffer.from([0x1f, 0x8b]),
  ])
})

test('it is verified later without any server', async () => {
  const to = place('later.tar.gz')
  await run('export', 'heliotrope', '--to', to)
  const verified = await runCommand(['tenants', 'verify-export', to])

  expect([verified.code, verified.err]).toEqual([0, ''])
  expect(verified.out).toContain('Verified')
})

test('what is cut short, changed, something else or not there is told as what it is', async () => {
  const to = place('hurt.tar.gz')
  await run('export', 'heliotrope', '--to', to)
  const whole = await readFile(to)
  const told = async (content: Uint8Array | null) => {
    await (content === null ? rm(to) : writeFile(to, content))
    const { code, err } = await runCommand(['tenants', 'verify-export', to])
    return [code, err]
  }
  const changed = Buffer.from(whole)
  const middle = Math.floor(whole.length / 2)
  changed[middle] = (changed[middle] ?? 0) ^ 1

  expect(await told(whole.subarray(0, -100))).toEqual([
    1,
    expect.stringContaining('ends too early'),
  ])
  expect((await told(changed))[0]).toBe(1)
  expect(await told(Buffer.from('a letter'))).toEqual([1, expect.stringContaining('no export')])
  expect(await told(null)).toEqual([1, expect.stringContaining('There is no file')])
})

test('a tenant that there is not leaves no file behind', async () => {
  const { code, err } = await run('export', 'ten_none', '--to', place('none.tar.gz'))

  expect([code, err]).toEqual([1, expect.stringContaining("No tenant with id 'ten_none'")])
  expect(await readdir(folder)).not.toEqual(
    expect.arrayContaining([expect.stringContaining('none.tar.gz')]),
  )
})

test('a server that dies in the middle leaves no file behind, and the command says so', async () => {
  const to = place('broken.tar.gz')
  await run('export', 'heliotrope', '--to', to)
  const half = (await readFile(to)).subarray(0, 60_000)
  const url = await brokenServer(half)
  const there = await readdir(folder)
  const server = ['--url', url, '--api-key', operator]
  const command = ['tenants', 'export', 'ten_1', '--to', place('lost.tar.gz')]
  const { code, err } = await runCommand([...server, ...command])

  expect([code, err]).toEqual([1, expect.stringContaining('broke off in the middle')])
  expect(await readdir(folder)).toEqual(there)
})

/** Answers everything with these bytes, and is gone. */
async function brokenServer(content: Buffer): Promise<string> {
  const server: Server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/gzip' })
    response.write(content, () => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
