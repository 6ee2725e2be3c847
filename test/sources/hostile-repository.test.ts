import { readdir, readFile } from 'node:fs/promises'
import { lookup } from 'node:dns'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LookupFunction } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eachItem, makeCopiesFolder, readAll } from './git-place.ts'
import {
  GIT_IS_ABSENT,
  startGitServer,
  type GitServer,
  type ServedRepository,
} from './git-server.ts'

const TOKEN = 'a-token-that-nobody-may-see'

let server: GitServer

/** Git makes its objects from what stands here; no file is ever there. */
async function makeTree(repository: ServedRepository, lines: string): Promise<string> {
  return (await repository.git(['mktree', '--missing'], lines)).trim()
}
async function commitTree(repository: ServedRepository, tree: string): Promise<void> {
  const commit = (await repository.git(['commit-tree', tree], 'x')).trim()
  await repository.git(['update-ref', 'refs/heads/main', commit])
}

describe.skipIf(GIT_IS_ABSENT !== null)(`hostile (${GIT_IS_ABSENT ?? 'on loopback'}):`, () => {
  beforeAll(async () => {
    server = await startGitServer()
  })
  afterEach(() => {
    server.intercept = () => false
  })
  afterAll(() => server?.close())

  test('a hundred thousand files are listed as they come', { timeout: 120_000 }, async () => {
    const repository = await server.createRepository()
    const id = (await repository.git(['hash-object', '-w', '--stdin'], 'x')).trim()
    const lines = Array.from({ length: 1_000 }, (_, at) => `100644 blob ${id}\t${at}.md\n`).join('')
    const tree = await makeTree(repository, lines)
    const folders = Array.from({ length: 100 }, (_, at) => `040000 tree ${tree}\t${at}\n`).join('')
    await commitTree(repository, await makeTree(repository, folders))
    let found = 0
    for await (const item of eachItem({ url: repository.url })) {
      if (item.type === 'document') found += 1
    }

    expect(found).toBe(100_000)
  })

  test(
    'a few trees that stand for ten thousand million files end in a sentence',
    {
      timeout: 120_000,
    },
    async () => {
      const repository = await server.createRepository()
      const id = (await repository.git(['hash-object', '-w', '--stdin'], 'x')).trim()
      const level = (inner: string) =>
        makeTree(repository, Array.from({ length: 10 }, (_, at) => `${inner}\t${at}\n`).join(''))
      let tree = await level(`100644 blob ${id}`)
      for (let depth = 0; depth < 9; depth += 1) tree = await level(`040000 tree ${tree}`)
      await commitTree(repository, tree)
      const listing = (async () => {
        for await (const _ of eachItem({ url: repository.url }));
      })()

      await expect(listing).rejects.toThrow('more than 100,000 files')
    },
  )

  test('a file of a hundred megabytes of zeros is not read', async () => {
    const repository = await server.createRepository()
    await repository.commit({ 'bomb.md': Buffer.alloc(100_000_000), 'a.md': 'Apples.' })

    expect(await readAll({ url: repository.url })).toEqual({
      'a.md': 'Apples.',
      'bomb.md': 'file_too_large',
    })
  })

  test('names that are no text, or lead out, are names and nothing else', async () => {
    const repository = await server.createRepository()
    const id = (await repository.git(['hash-object', '-w', '--stdin'], 'x')).trim()
    const tree = await makeTree(
      repository,
      `100644 blob ${id}\t-rf.md\n100644 blob ${id}\t"\\377.md"\n`,
    )
    await commitTree(repository, tree)

    expect(await readAll({ url: repository.url })).toEqual({
      '-rf.md': 'x',
      '\uFFFD.md': 'Its name is not a text.',
    })
  })

  test('a redirect is not followed', async () => {
    const { url } = await server.createRepository()
    server.intercept = (request, response) => {
      if (request.url?.startsWith('/elsewhere') === true) return false
      response.writeHead(301, { location: `${server.url}/elsewhere.git/info/refs` })
      response.end()
      return true
    }
    const before = server.requests.length

    await expect(readAll({ url })).rejects.toThrow('has moved')
    expect(server.requests.slice(before).filter(({ line }) => line.includes('elsewhere'))).toEqual(
      [],
    )
  })

  test('git connects to the address that was looked at, whatever the name means by then', async () => {
    const repository = await server.createRepository()
    await repository.commit({ 'a.md': 'Apples.' })
    const pin: LookupFunction = (_host, _options, answer) =>
      answer(null, [{ address: '127.0.0.1', family: 4 }])
    const url = repository.url.replace('127.0.0.1', 'repository.invalid')
    const options = { reach: { refusal: () => null, lookup: pin } }

    expect(await readAll({ url }, { options })).toEqual({ 'a.md': 'Apples.' })
  })

  test('a name that the guard keeps is not connected to', async () => {
    const { url } = await server.createRepository()
    const keep: LookupFunction = (_host, _options, answer) => answer(new Error('Inside.'), '', 4)
    const options = { reach: { refusal: () => null, lookup: keep } }
    const before = server.requests.length

    await expect(
      readAll({ url: url.replace('127.0.0.1', 'localhost') }, { options }),
    ).rejects.toThrow('cannot be resolved')
    expect(server.requests).toHaveLength(before)
  })

  test('an address that is refused by now is not connected to', async () => {
    const { url } = await server.createRepository()
    const options = { reach: { refusal: () => 'It is inside.', lookup } }

    await expect(readAll({ url }, { options })).rejects.toThrow('It is inside.')
  })

  describe('a token', () => {
    const wanted = `Basic ${Buffer.from(`git:${TOKEN}`).toString('base64')}`
    const guard = (request: IncomingMessage, response: ServerResponse): boolean => {
      if (request.headers.authorization === wanted) return false
      response.writeHead(401, { 'www-authenticate': 'Basic realm="here"' })
      response.end()
      return true
    }

    test('opens what is closed', async () => {
      const repository = await server.createRepository()
      await repository.commit({ 'a.md': 'Apples.' })
      server.intercept = guard

      expect(await readAll({ url: repository.url }, { credentials: { token: TOKEN } })).toEqual({
        'a.md': 'Apples.',
      })
    })

    test('that is wrong, or is not there, is told, and not which it was', async () => {
      const { url } = await server.createRepository()
      server.intercept = guard
      const credentials = { token: `${TOKEN}-old` }
      const error = await readAll({ url }, { credentials }).catch((thrown: unknown) => thrown)

      expect(error).toMatchObject({ code: 'provider_rejected' })
      expect(JSON.stringify([String(error), String(Object(error).cause)])).not.toContain(TOKEN)
      await expect(readAll({ url })).rejects.toThrow('not open to everybody')
    })

    test.skipIf(process.platform !== 'linux')(
      'stands in no argument, no variable and no file while git works',
      async () => {
        const repository = await server.createRepository()
        await repository.commit({ 'a.md': 'Apples.' })
        const folder = await makeCopiesFolder()
        const seen: string[] = []
        server.intercept = async (request, response) => {
          if (guard(request, response)) return true
          seen.push(await everythingOfGit(), await everythingIn(folder))
          return false
        }
        await readAll({ url: repository.url }, { credentials: { token: TOKEN }, folder })

        expect(seen.join('\n')).toContain('http.followRedirects')
        expect(seen.join('\n')).not.toContain(TOKEN)
      },
    )
  })
})

/** Arguments and variables of every process whose arguments name git. */
async function everythingOfGit(): Promise<string> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const texts = ids.map(async (id) => {
    const line = await readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '')
    if (!line.includes('git')) return ''
    return `${line}\n${await readFile(`/proc/${id}/environ`, 'latin1').catch(() => '')}`
  })
  return (await Promise.all(texts)).join('\n')
}

async function everythingIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const texts = entries.map(({ parentPath, name }) =>
    readFile(`${parentPath}/${name}`, 'latin1').catch(() => ''),
  )
  return (await Promise.all(texts)).join('\n')
}
