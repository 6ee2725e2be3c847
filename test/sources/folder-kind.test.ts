import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { SourceItem } from '../../src/core/ports/source-kind.ts'
import { createFolderKind } from '../../src/sources/folder/folder-kind.ts'
import type { FolderSettings } from '../../src/sources/folder/folder-settings.ts'
import { sourceContract } from './source-contract.ts'

const isRoot = process.getuid?.() === 0

sourceContract('folder', {
  async open(documents, { maxFileBytes }) {
    const path = await mkdtemp(join(tmpdir(), 'ragstone-folder-'))
    const put = async (name: string, text: string) => {
      await mkdir(dirname(join(path, name)), { recursive: true })
      await writeFile(join(path, name), text)
    }
    for (const [name, text] of Object.entries(documents)) await put(name, text)
    return {
      kind: createFolderKind({ roots: [path], maxFileBytes }),
      settings: { path },
      credentials: null,
      keyOf: (name) => name,
      put,
      remove: (name) => rm(join(path, name)),
      breakListing: () => rm(path, { recursive: true }),
      close: () => rm(path, { recursive: true, force: true }),
    }
  },
})

async function folderWith(documents: Readonly<Record<string, string>>): Promise<string> {
  const base = await mkdtemp(join(tmpdir(), 'ragstone-folder-'))
  onTestFinished(() => rm(base, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(documents)) {
    await mkdir(dirname(join(base, name)), { recursive: true })
    await writeFile(join(base, name), text)
  }
  return base
}

async function listed(
  settings: FolderSettings,
  { roots = [settings.path], keys = null as readonly string[] | null } = {},
): Promise<readonly SourceItem[]> {
  const kind = createFolderKind({ roots, maxFileBytes: 1_000 })
  const { signal } = new AbortController()
  const source = kind.open(settings, null)
  return Array.fromAsync(source.list({ keys, known: async () => null, signal }))
}

const keysOf = (items: readonly SourceItem[]) => items.map(({ key }) => key).toSorted()

test('takes what is included and not excluded, hidden names only where a pattern says so', async () => {
  const path = await folderWith({
    'a.md': 'a',
    'b.txt': 'b',
    'drafts/c.md': 'c',
    '.hidden/d.md': 'd',
    'deep/e.md': 'e',
  })

  expect(keysOf(await listed({ path }))).toEqual(['a.md', 'b.txt', 'deep/e.md', 'drafts/c.md'])
  expect(keysOf(await listed({ path, include: ['**/*.md'], exclude: ['drafts/**'] }))).toEqual([
    'a.md',
    'deep/e.md',
  ])
  expect(keysOf(await listed({ path, include: ['.hidden/**'] }))).toEqual(['.hidden/d.md'])
})

test('a folder is allowed below the roots alone, by whatever way it is named', async () => {
  const path = await folderWith({ 'open/a.txt': 'a', 'closed/b.txt': 'b' })
  await symlink(join(path, 'closed'), join(path, 'open', 'link'))
  const kind = createFolderKind({ roots: [join(path, 'open')], maxFileBytes: 1_000 })
  const refusal = (at: string) => kind.refusal({ path: at }, null)

  expect(refusal(join(path, 'open'))).toBeNull()
  for (const at of ['closed', 'open/../closed', 'open/link', 'nowhere', 'open/a.txt', ''])
    expect(refusal(join(path, at))).toMatch(/^There is no folder/)
})

test('without roots the kind is off, and says what to set', () => {
  const kind = createFolderKind({ roots: [], maxFileBytes: 1_000 })

  expect(kind.refusal({ path: '/srv' }, null)).toContain('sources.folder_roots')
})

test('a root that is taken from the configuration ends the listing of its sources', async () => {
  const path = await folderWith({ 'a.txt': 'a' })

  await expect(listed({ path }, { roots: ['/nowhere'] })).rejects.toThrow('sources.folder_roots')
})

test.each(['../a.txt', 'x/../../a.txt', '/etc/passwd', 'x//a.txt', './a.txt', ''])(
  'the key %j leads nowhere',
  async (key) => {
    const path = await folderWith({ 'a.txt': 'a', 'x/b.txt': 'b' })

    expect(await listed({ path: join(path, 'x') }, { keys: [key], roots: [path] })).toEqual([
      { type: 'gone', key },
    ])
  },
)

test('a symbolic link is skipped, with the reason, and followed within the folder where that is wanted', async () => {
  const path = await folderWith({ 'in/a.txt': 'a', 'out/b.txt': 'b' })
  const folder = join(path, 'in')
  await symlink('a.txt', join(folder, 'inner.txt'))
  await symlink('../out/b.txt', join(folder, 'outer.txt'))
  await symlink('..', join(folder, 'up'))
  await symlink('.', join(folder, 'loop'))

  const plain = await listed({ path: folder })
  expect(plain.filter(({ type }) => type === 'document').map(({ key }) => key)).toEqual(['a.txt'])
  const followed = await listed({ path: folder, follow_links: true })
  expect(keysOf(followed.filter(({ type }) => type === 'document'))).toEqual(['a.txt', 'inner.txt'])
  expect(followed).toContainEqual(
    expect.objectContaining({ type: 'skipped', key: 'outer.txt', reason: expect.any(String) }),
  )
})

test('a folder that becomes a link between listing and reading is not followed', async () => {
  const path = await folderWith({ 'in/sub/a.txt': 'mine', 'out/a.txt': 'another’s' })
  const kind = createFolderKind({ roots: [join(path, 'in')], maxFileBytes: 1_000 })
  const { signal } = new AbortController()
  const source = kind.open({ path: join(path, 'in') }, null)
  for await (const item of source.list({ keys: null, known: async () => null, signal })) {
    await rm(join(path, 'in', 'sub'), { recursive: true })
    await symlink(join(path, 'out'), join(path, 'in', 'sub'))
    expect(item.type === 'document' && (await item.read()).type).toBe('gone')
  }
})

test('a named key behind a link is not there', async () => {
  const path = await folderWith({ 'in/a.txt': 'a', 'out/b.txt': 'b' })
  await symlink(join(path, 'out'), join(path, 'in', 'sub'))
  const [item] = await listed({ path: join(path, 'in') }, { keys: ['sub/b.txt'] })

  expect(item?.type === 'document' ? (await item.read()).type : item?.type).toBe('gone')
})

test.skipIf(isRoot)('a folder that may not be looked into ends the listing', async () => {
  const path = await folderWith({ 'a.txt': 'a', 'closed/b.txt': 'b' })
  await chmod(join(path, 'closed'), 0)
  onTestFinished(() => chmod(join(path, 'closed'), 0o700))

  await expect(listed({ path })).rejects.toMatchObject({ code: 'permission_denied' })
  expect(keysOf(await listed({ path, exclude: ['closed/**'] }))).toEqual(['a.txt'])
})

test('a file that was changed a moment ago has no version yet; an older one has', async () => {
  const path = await folderWith({ 'new.txt': 'new', 'old.txt': 'old' })
  await utimes(join(path, 'old.txt'), 1_000, 1_000)
  const items = await listed({ path })
  const versions = items.map((item) => (item.type === 'document' ? item.version : ''))

  expect(versions[0]).toBeNull()
  expect(versions[1]).toBe('3-1000000')
})

test('a pattern that stands for too many others is refused', async () => {
  const path = await folderWith({})
  const kind = createFolderKind({ roots: [path], maxFileBytes: 1_000 })
  const many = '{a,b,c,d}'.repeat(8)

  expect(kind.refusal({ path, include: [many] }, null)).toContain(many)
})

test('a pattern leads nowhere out of the folder', async () => {
  const path = await folderWith({ 'in/a.txt': 'a', 'b.txt': 'b' })

  expect(await listed({ path: join(path, 'in'), include: ['../*', '../**'] })).toEqual([])
})
