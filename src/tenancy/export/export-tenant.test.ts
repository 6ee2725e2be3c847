import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TenantRows } from '../../core/ports/tenant-rows.ts'
import { DEFAULT_TENANT_SETTINGS, type Tenant } from '../../core/tenant.ts'
import { createArchive } from './archive.ts'
import { createExportTenant, type ExportDeps } from './export-tenant.ts'
import { verifyExport } from './verify-export.ts'

const TENANT: Tenant = {
  id: 'ten_1',
  name: 'acme',
  status: 'active',
  tier: 'free',
  limits: {},
  settings: DEFAULT_TENANT_SETTINGS,
  createdAt: new Date(0),
}
const sha256 = (content: Uint8Array | string) => createHash('sha256').update(content).digest('hex')

/** One table of files besides one of notes, whose rows are given; pages as long as they are asked for. */
function fakeRows({
  files = [],
  notes = [],
}: {
  readonly files?: readonly object[]
  readonly notes?: readonly object[]
}): TenantRows {
  const tables: Readonly<Record<string, readonly object[]>> = { files, notes }
  return {
    leftOut: {},
    refersTo: async (_tenantId, hash) => ![sha256('deleted'), sha256('left')].includes(hash),
    read: (_tenantId, work) =>
      work({
        isOneMoment: true,
        tables: async () =>
          Object.keys(tables).map((name) => ({ name, columns: ['id'], withheld: [] })),
        async page({ name }, after, limit) {
          const from = Number(after?.[0] ?? 0)
          const rows = (tables[name] ?? []).slice(from, from + limit)
          const next = rows.length < limit ? null : [String(from + limit)]
          return { lines: rows.map((row) => JSON.stringify(row)), next }
        },
        texts: async () => [],
      }),
  }
}

const blobsOf = (contents: readonly (Uint8Array | string)[]): ExportDeps['blobs'] => ({
  async open(_tenantId, hash) {
    const content = contents.map((each) => Buffer.from(each)).find((each) => sha256(each) === hash)
    return content === undefined ? null : { bytes: content.length, content: streamOf(content) }
  },
})

async function* streamOf(content: Buffer) {
  yield content
}

const fileOf = (name: string, content: string) => ({
  id: `file-${name}`,
  filename: `${name}.txt`,
  sha256: sha256(content),
})

function start(deps: Partial<ExportDeps>, signal = new AbortController().signal) {
  const made = createExportTenant({
    tenantRows: fakeRows({}),
    blobs: blobsOf([]),
    tenants: { find: async () => TENANT },
    version: '1.2.3',
    ...deps,
  })(TENANT, signal)
  made.written.catch(() => undefined)
  return made
}

async function exportedBy(deps: Partial<ExportDeps>): Promise<Buffer> {
  const { stream } = start(deps)
  return Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>))
}

const verified = (archive: Buffer) => verifyExport(Readable.from([archive]))

test('rows of any number come in parts that are small, and all of them', async () => {
  const notes = Array.from({ length: 5_000 }, (_, id) => ({ id, text: 'a'.repeat(1_000) }))
  const paths: string[] = []
  const archive = await exportedBy({ tenantRows: fakeRows({ notes }) })
  const { manifest, faults } = await verifyExport(Readable.from([archive]), (path) => {
    paths.push(path)
  })

  expect(faults).toEqual([])
  expect(manifest.tables['notes']?.rows).toBe(5_000)
  expect(paths.filter((path) => path.startsWith('tables/notes/')).length).toBeGreaterThan(4)
})

test('a file that is gone, one that is damaged and one that was deleted meanwhile are told apart', async () => {
  const names = ['kept', 'lost', 'deleted', 'changed', 'torn', 'left']
  const broken: ExportDeps['blobs'] = {
    async open(tenantId, hash) {
      if (hash === sha256('changed')) return blobsOf(['other']).open(tenantId, sha256('other'))
      if (hash === sha256('torn') || hash === sha256('left'))
        return { bytes: 100_000, content: torn() }
      return blobsOf(['kept']).open(tenantId, hash)
    },
  }
  const archive = await exportedBy({
    tenantRows: fakeRows({ files: names.map((name) => fileOf(name, name)) }),
    blobs: broken,
  })
  const { manifest, faults } = await verified(archive)

  expect(faults).toEqual([])
  expect(manifest.incomplete.map(({ path, why }) => [path, why])).toEqual([
    ['files/file-lost/lost.txt', 'missing'],
    ['files/file-deleted/deleted.txt', 'deleted'],
    ['files/file-changed/changed.txt', 'damaged'],
    ['files/file-torn/torn.txt', 'damaged'],
    ['files/file-left/left.txt', 'deleted'],
  ])
})

async function* torn() {
  yield Buffer.from('the first part')
  throw new Error('The disk cannot be read.')
}

test('nothing is read ahead of a reader who waits', async () => {
  let read = 0
  const endless: ExportDeps['blobs'] = {
    open: async () => ({ bytes: 1e9, content: noise() }),
  }
  async function* noise() {
    for (;;) {
      const part = randomBytes(65_536)
      read += part.length
      yield part
    }
  }
  const leave = new AbortController()
  const files = [fileOf('large', 'large')]
  const { stream } = start({ tenantRows: fakeRows({ files }), blobs: endless }, leave.signal)
  stream.on('error', () => undefined)
  await sleep(300)
  const ahead = read
  await sleep(300)

  expect(ahead).toBeLessThan(1_000_000)
  expect(read).toBe(ahead)
  leave.abort()
})

test('what breaks off ends the work, and its stream fails', async () => {
  const leave = new AbortController()
  const gone = new Error('The caller is gone.')
  const endless: ExportDeps['blobs'] = { open: async () => ({ bytes: 1e9, content: zeros() }) }
  async function* zeros() {
    for (;;) yield Buffer.alloc(10_000)
  }
  const rows = fakeRows({ files: [fileOf('large', 'large')] })
  const { stream, written } = start({ tenantRows: rows, blobs: endless }, leave.signal)
  const failed = new Promise((resolve) => stream.once('error', resolve))
  stream.resume()
  leave.abort(gone)

  await expect(written).rejects.toBe(gone)
  await failed
  expect(stream.destroyed).toBe(true)
})

test('a reader who takes nothing for long is given up', async () => {
  const archive = createArchive({
    madeAt: new Date(0),
    signal: new AbortController().signal,
    stallMs: 20,
  })
  const failed = new Promise((resolve) => archive.stream.once('error', resolve))
  const content = Array.from({ length: 100 }, () => randomBytes(65_536))
  const added = archive.add({ path: 'noise', bytes: 6_553_600, content })

  await expect(added).rejects.toThrow()
  expect(await failed).toMatchObject({ message: expect.stringContaining('was taken') as string })
})

test('a tenant that is being erased is no longer exported', async () => {
  const erasing = { find: async () => ({ ...TENANT, status: 'erasing' as const }) }
  const { stream, written } = start({ tenants: erasing })
  stream.on('error', () => undefined).resume()

  await expect(written).rejects.toMatchObject({ code: 'conflict' })
})

test('an archive that lacks its end is told from a whole one, wherever it was cut', async () => {
  const files = [fileOf('kept', 'kept')]
  const archive = await exportedBy({ tenantRows: fakeRows({ files }), blobs: blobsOf(['kept']) })
  expect((await verified(archive)).faults).toEqual([])

  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: archive.length - 1 }), async (at) => {
      await expect(verified(archive.subarray(0, at))).rejects.toThrow(
        /ends too early|not all of one/,
      )
    }),
    { numRuns: 60 },
  )
})

test('something else is no export', async () => {
  await expect(verified(Buffer.from('PK\u0003\u0004 not this'))).rejects.toThrow('no export')
})
