import { mkdir, readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKind, eachItem, makeCopiesFolder, readAll, textOf } from './git-place.ts'
import {
  GIT_IS_ABSENT,
  startGitServer,
  type GitServer,
  type ServedRepository,
} from './git-server.ts'

const FILES = { 'a.md': 'Apples.', 'docs/b.md': 'Pears.', 'docs/ä 🍐/c.md': 'Quinces.' }

let server: GitServer
async function makeRepository(): Promise<ServedRepository> {
  const repository = await server.createRepository()
  await repository.commit(FILES)
  return repository
}

describe.skipIf(GIT_IS_ABSENT !== null)(`a repository (${GIT_IS_ABSENT ?? 'on loopback'})`, () => {
  beforeAll(async () => {
    server = await startGitServer()
  })
  afterAll(() => server?.close())

  test('is read at its default branch', async () => {
    const { url } = await makeRepository()

    expect(await readAll({ url })).toEqual(FILES)
  })

  test('gives path, commit and url as attributes, and the content’s id as version', async () => {
    const repository = await server.createRepository()
    const commit = await repository.commit({ 'docs/b.md': 'Pears.' })
    const [item] = await Array.fromAsync(eachItem({ url: repository.url }))
    const id = (await repository.git(['rev-parse', `${commit}:docs/b.md`])).trim()

    expect(item).toMatchObject({ type: 'document', key: 'docs/b.md', version: id })
    for await (const found of eachItem({ url: repository.url })) {
      expect(found.type === 'document' && (await found.read())).toMatchObject({
        filename: 'b.md',
        attributes: { path: 'docs/b.md', commit, url: repository.url },
      })
    }
  })

  test('is read at a branch, a tag, a whole name and a commit', async () => {
    const repository = await makeRepository()
    const commit = (await repository.git(['rev-parse', 'main'])).trim()
    await repository.git(['branch', 'feature/x'])
    await repository.git(['tag', '-a', '-m', 'x', 'v1'])
    await repository.commit({ 'a.md': 'Later.' })

    for (const ref of ['feature/x', 'v1', 'refs/tags/v1', commit]) {
      expect((await readAll({ url: repository.url, ref }))['a.md']).toBe('Apples.')
    }
  })

  test('is read below a folder, by its patterns', async () => {
    const repository = await makeRepository()
    await repository.commit({ 'docs/d.txt': 'x', 'docs/drafts/e.md': 'x', 'docsother/f.md': 'x' })
    const wanted = { folder: 'docs', include: ['**/*.md'], exclude: ['**/drafts/**'] }

    expect(Object.keys(await readAll({ url: repository.url, ...wanted }))).toEqual([
      'docs/b.md',
      'docs/ä 🍐/c.md',
    ])
  })

  test('of keys gives those alone, and tells what has gone', async () => {
    const { url } = await makeRepository()

    expect(await readAll({ url }, { keys: ['a.md', 'z.md'] })).toEqual({
      'a.md': 'Apples.',
      'z.md': 'gone',
    })
  })

  test('that was pushed over by force is read as it is now', async () => {
    const repository = await makeRepository()
    await repository.git(['update-ref', '-d', 'refs/heads/main'])
    await repository.commit({ 'new.md': 'Another history.' })

    expect(await readAll({ url: repository.url })).toEqual({ 'new.md': 'Another history.' })
  })

  test('keeps the version of a file that was renamed', async () => {
    const repository = await makeRepository()
    await repository.commit({ 'a.md': null, 'renamed.md': 'Apples.' })
    const items = await Array.fromAsync(eachItem({ url: repository.url }))
    const id = (await repository.git(['hash-object', '--stdin'], 'Apples.')).trim()

    expect(items.filter((item) => item.type === 'document' && item.version === id)).toMatchObject([
      { key: 'renamed.md' },
    ])
  })

  test('without a commit is empty', async () => {
    const { url } = await server.createRepository()

    expect(await readAll({ url })).toEqual({})
  })

  test('without the branch throws, also where nothing is in it at all', async () => {
    const { url } = await makeRepository()
    const empty = await server.createRepository()

    await expect(readAll({ url, ref: 'gone' })).rejects.toThrow('no branch and no tag "gone"')
    await expect(readAll({ url: empty.url, ref: 'main' })).rejects.toThrow('"main"')
    await expect(readAll({ url, ref: 'a'.repeat(40) })).rejects.toMatchObject({
      code: 'provider_rejected',
    })
  })

  test('whose default branch has gone throws, and is not taken for an empty one', async () => {
    const repository = await makeRepository()
    await repository.git(['branch', '-m', 'main', 'other'])
    await repository.git(['symbolic-ref', 'HEAD', 'refs/heads/main'])

    await expect(readAll({ url: repository.url })).rejects.toThrow('default branch')
  })

  test('that has gone throws', async () => {
    const repository = await makeRepository()
    await repository.delete()

    await expect(readAll({ url: repository.url })).rejects.toThrow('no such repository')
  })

  test('has links, other repositories and pointers skipped or refused', async () => {
    const repository = await makeRepository()
    const link = await repository.git(['hash-object', '-w', '--stdin'], '/etc/passwd')
    const commit = (await repository.git(['rev-parse', 'main'])).trim()
    const pointer = await repository.git(
      ['hash-object', '-w', '--stdin'],
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
    )
    const tree = await repository.git(
      ['mktree', '--missing'],
      `120000 blob ${link.trim()}\tlink.md\n160000 commit ${commit}\tmodule\n100644 blob ${pointer.trim()}\tlarge.md\n`,
    )
    const made = await repository.git(
      ['-c', 'core.logAllRefUpdates=false', 'commit-tree', tree.trim()],
      'x',
    )
    await repository.git(['update-ref', 'refs/heads/main', made.trim()])

    expect(await readAll({ url: repository.url })).toEqual({
      'large.md': 'file_type_unsupported',
      'link.md': 'It is a symbolic link, which is not followed.',
      module: 'It is another repository: make a source of its own for it.',
    })
  })

  test('asks for nothing that is not read', async () => {
    const { url } = await makeRepository()
    const before = server.requests.length
    await Array.fromAsync(eachItem({ url }))
    const listing = server.requests.length - before
    const known = new Map<string, string>()
    for await (const item of eachItem({ url })) {
      if (item.type === 'document') known.set(item.key, item.version ?? '')
    }
    const remembered = async (key: string) => ({ version: known.get(key) ?? null, memory: null })
    const again = server.requests.length
    for await (const item of eachItem({ url }, { known: remembered })) {
      if (item.type === 'document' && item.version !== known.get(item.key)) await textOf(item)
    }

    expect(server.requests.length - again).toBe(listing)
  })

  test('sends many files for one question', async () => {
    const repository = await server.createRepository()
    const files = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`${at}.md`, `${at}.`]))
    await repository.commit(files)
    const before = server.requests.length

    expect(await readAll({ url: repository.url })).toEqual(files)
    expect(server.requests.length - before).toBeLessThan(10)
  })

  test('of a server that cannot leave files out is read too', async () => {
    const repository = await makeRepository()
    await repository.git(['config', 'uploadpack.allowFilter', 'false'])

    expect(await readAll({ url: repository.url })).toEqual(FILES)
  })

  test('leaves nothing behind, read to the end or not', async () => {
    const { url } = await makeRepository()
    const folder = await makeCopiesFolder()
    for await (const item of eachItem({ url }, { folder })) {
      await textOf(item)
      break
    }
    await readAll({ url }, { folder })

    expect(await readdir(folder)).toEqual([])
  })
})

test('a copy that was left by a process that was killed goes after a day', async () => {
  const folder = await makeCopiesFolder()
  const times = new Date(Date.now() - 25 * 3_600_000)
  for (const name of ['git-old', 'git-young']) await mkdir(join(folder, name))
  await utimes(join(folder, 'git-old'), times, times)
  await readAll({ url: 'http://127.0.0.1:9/x.git' }, { folder }).catch(() => undefined)

  expect(await readdir(folder)).toEqual(['git-young'])
})

test('a server without git says so', async () => {
  const options = { environment: { PATH: '/nonexistent' } }
  const listing = readAll({ url: 'http://127.0.0.1:9/x.git' }, { options })

  await expect(listing).rejects.toThrow('not installed')
})

describe('settings of a repository', () => {
  const url = 'https://git.example.com/handbook.git'
  const refusal = (settings: object, token?: string) =>
    createKind('/nowhere').refusal({ url, ...settings }, token === undefined ? null : { token })

  test('that are well are taken', () => {
    expect(refusal({ ref: 'release/1.0', folder: 'docs/', include: ['**/*.md'] }, 'x')).toBeNull()
  })

  test.each(['git@github.com:a/b.git', 'ssh://git@example.com/a.git', 'git://example.com/a.git'])(
    'with %s are told of https',
    (named) => expect(refusal({ url: named })).toContain('https://'),
  )

  test.each([
    { url: 'ext::sh -c id' },
    { url: 'file:///etc' },
    { url: '/etc' },
    { url: 'https://user:token@git.example.com/a.git' },
    { url: 'https://git.example.com./a.git' },
    { url: 'https://git.example.com/a.git?x' },
    { ref: '--upload-pack=id' },
    { ref: 'a..b' },
    { ref: 'a b' },
    { ref: 'main\n' },
    { ref: '+main:refs/heads/x' },
    { folder: '../x' },
    { folder: '/x' },
    { include: ['{a,b}'.repeat(10)] },
  ])('are refused: %j', (settings) => {
    expect(refusal(settings)).toMatch(/^[A-Z"].*\.$/)
  })

  test('send no token without encryption', () => {
    expect(refusal({ url: 'http://git.example.com/a.git' }, 'x')).toContain('https://')
  })
})
