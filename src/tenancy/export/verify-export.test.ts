import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { createArchive } from './archive.ts'
import { verifyExport } from './verify-export.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const NOTE = '{"id":1}\n'
const LIST = `${sha256(NOTE)}  tables/notes/000001.ndjson\n`
const MANIFEST = {
  format: 'ragstone-tenant-export',
  version: 1,
  made_by: 'ragstone 1.2.3',
  made_at: '2026-11-21T08:00:00.000Z',
  tenant: { id: 'ten_1', name: 'acme', status: 'active', tier: 'free' },
  one_moment: true,
  tables: { notes: { rows: 1, columns: ['id'], withheld: [] } },
  left_out: {},
  files: { count: 0, bytes: 0 },
  texts: { count: 0, bytes: 0 },
  incomplete: [],
  checksums: [{ path: 'checksums/000001.sha256', entries: 1, sha256: sha256(LIST) }],
}
const WHOLE: readonly (readonly [string, string])[] = [
  ['tables/notes/000001.ndjson', NOTE],
  ['checksums/000001.sha256', LIST],
  ['manifest.json', JSON.stringify(MANIFEST)],
]

/** Of an archive with these entries. */
async function verify(entries: readonly (readonly [string, string])[]) {
  const archive = createArchive({ madeAt: new Date(0), signal: new AbortController().signal })
  const verified = verifyExport(Readable.from(archive.stream))
  verified.catch(() => undefined)
  for (const [path, text] of entries) {
    const content = Buffer.from(text)
    await archive.add({ path, bytes: content.length, content: [content] })
  }
  archive.end()
  return verified
}

const replaced = (path: string, text: string) =>
  WHOLE.map(([name, content]) => [name, name === path ? text : content] as const)
const faultsOf = async (entries: Parameters<typeof verify>[0]) => (await verify(entries)).faults

test('what is as it was written has no faults', async () => {
  expect(await faultsOf(WHOLE)).toEqual([])
})

test('an entry that was changed, and one whose row was taken out', async () => {
  expect(await faultsOf(replaced('tables/notes/000001.ndjson', '{"id":2}\n'))).toEqual([
    'tables/notes/000001.ndjson is not what was written.',
  ])
  expect(await faultsOf(replaced('tables/notes/000001.ndjson', ''))).toEqual([
    'tables/notes/000001.ndjson is not what was written.',
    'notes has 0 rows of 1.',
  ])
})

test('an entry that was taken out with its line in the list', async () => {
  const [, list, manifest] = replaced('checksums/000001.sha256', '')
  expect(await faultsOf([list ?? ['', ''], manifest ?? ['', '']])).toEqual([
    'checksums/000001.sha256 is not what was written.',
    'notes has 0 rows of 1.',
  ])
})

test('an entry that was added', async () => {
  const [note = ['', ''], list = ['', ''], manifest = ['', '']] = WHOLE
  expect(await faultsOf([note, ['files/x', 'x'], list, manifest])).toEqual([
    'files/x is in no list of checksums.',
    'There are 1 files of 0, with 1 bytes of 0.',
  ])
  expect(await faultsOf([note, list, manifest, ['more', 'x']])).toEqual([
    'more stands behind the manifest.',
    'more is in no list of checksums.',
  ])
})

test('a manifest that is missing, of something else, damaged, or of a version to come', async () => {
  await expect(verify(WHOLE.slice(0, 2))).rejects.toThrow('no manifest')
  await expect(verify(replaced('manifest.json', '{}'))).rejects.toThrow('none of an export')
  await expect(verify(replaced('manifest.json', '{'))).rejects.toThrow('damaged')
  const later = JSON.stringify({ ...MANIFEST, version: 2 })
  await expect(verify(replaced('manifest.json', later))).rejects.toThrow('use a newer one')
})
