import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient } from '../../src/cli/client.ts'
import { connect } from '../../src/cli/connect.ts'
import { startFakeServer, type FakeServer } from './fake-server.ts'
import { runCommand } from './run-command.ts'

let folder: string
let server: FakeServer
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ragstone-cli-'))
  server = await startFakeServer()
})
afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

const run = (...argv: string[]) => runCommand(argv, { url: server.url })

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}

describe('ingest', () => {
  test('loads a folder all the way down, without hidden and foreign files', async () => {
    await put({ 'a.txt': 'a', 'deep/b.md': 'b', '.hidden/c.txt': 'c', 'd.exe': 'd' })
    const { code, out, err } = await run('ingest', folder)

    expect(code).toBe(0)
    expect(server.uploads.toSorted()).toEqual(['a.txt', 'b.md'])
    expect(out).toBe('2 files loaded (6 chunks), 0 unchanged, 0 failed\n')
    expect(err).toContain('Passed over 1 file of other kinds')
  })

  test('takes a file that is named, whatever its ending', async () => {
    await put({ 'd.exe': 'd' })
    await run('ingest', join(folder, 'd.exe'))

    expect(server.uploads).toEqual(['d.exe'])
  })

  test('takes globs', async () => {
    await put({ 'x/a.txt': 'a', 'y/b.txt': 'b', 'y/c.md': 'c' })
    await run('ingest', `${folder}/**/*.txt`)

    expect(server.uploads.toSorted()).toEqual(['a.txt', 'b.txt'])
  })

  test('passes over what is unchanged, and loads what has changed', async () => {
    await put({ 'a.txt': 'a', 'b.txt': 'b' })
    await run('ingest', folder)
    await put({ 'b.txt': 'other' })
    const { out } = await run('ingest', folder)

    expect(out).toBe('1 file loaded (3 chunks), 1 unchanged, 0 failed\n')
  })

  test('makes the store once', async () => {
    await put({ 'a.txt': 'a' })
    await run('ingest', folder, '--store', 'papers')
    await run('ingest', folder, '--store', 'papers')

    expect(server.requests.filter((request) => request === 'POST /v1/vector_stores')).toHaveLength(
      1,
    )
  })

  test('goes on after a file that fails, and names it with its reason', async () => {
    await put({ 'a.txt': 'a', 'b.txt': 'bad' })
    const { code, out, err } = await run('ingest', folder)

    expect(code).toBe(1)
    expect(out).toContain('1 file loaded (3 chunks), 0 unchanged, 1 failed')
    expect(out).toMatch(/b\.txt +The file is encrypted\./)
    expect(err).toContain('1 file could not be loaded.')
  })

  test('tells each step as JSON', async () => {
    await put({ 'a.txt': 'abc', 'b.txt': 'bad' })
    const { out } = await run('ingest', folder, '--json')
    const events = out
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row) as Record<string, unknown>)

    expect(events[0]).toEqual({ type: 'started', files: 2, bytes: 6 })
    expect(events.at(-1)).toEqual({
      type: 'finished',
      loaded: 1,
      unchanged: 0,
      failed: 1,
      chunks: 3,
    })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'file', status: 'failed', reason: 'The file is encrypted.' }),
    )
  })

  test('a path with nothing at it is used wrongly', async () => {
    const { code, err } = await run('ingest', join(folder, 'nothing'))

    expect(code).toBe(2)
    expect(err).toContain(`There is nothing at ${folder}/nothing.`)
  })

  test('ends when it is interrupted', async () => {
    await put({ 'a.txt': 'a' })
    const { code } = await runCommand(['ingest', folder], {
      url: server.url,
      signal: AbortSignal.abort(),
    })

    expect(code).toBe(130)
  })
})

describe('ask', () => {
  beforeEach(() => run('stores', 'create', 'papers'))

  test('shows the answer, then file, page and quote of each source', async () => {
    const { code, out } = await run('ask', 'How', 'long?')

    expect(code).toBe(0)
    expect(out).toBe(`Sixty days [1].

[1] lease.pdf, page 7 bytes 3–12
    “the bytes”
`)
  })

  test('looks in every store when none is named', async () => {
    await run('stores', 'create', 'second')
    const { err } = await run('ask', 'x')

    expect(err).toContain('over vs_1,vs_2')
  })

  test('says how the answer was made beside it', async () => {
    expect((await run('ask', 'x')).err).toContain('Words alone were searched.')
  })

  test('gives the whole answer as JSON', async () => {
    const { out } = await run('ask', 'x', '--json')

    expect(JSON.parse(out)).toMatchObject({
      id: 'resp_1',
      text: 'Sixty days [1].',
      citations: [{ filename: 'lease.pdf', ragstone: { quote: 'the bytes', page: 7 } }],
    })
  })

  test.each([
    ['fail', 'The model is away.'],
    ['cut', 'The answer broke off before its end.'],
  ])('an answer that does not end well is a failure: %s', async (question, message) => {
    const { code, err } = await run('ask', question)

    expect(code).toBe(1)
    expect(err).toContain(message)
  })

  test('Ctrl-C in the middle of an answer ends it', async () => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 200)
    const { code } = await runCommand(['ask', 'hang'], {
      url: server.url,
      signal: stop.signal,
    })

    expect(code).toBe(130)
  })

  test('a store that is not there is named', async () => {
    const { code, err } = await run('ask', 'x', '--store', 'nowhere')

    expect(code).toBe(1)
    expect(err).toContain('There is no store “nowhere”.')
  })
})

test('asking before anything was loaded says what to do', async () => {
  const { code, err } = await run('ask', 'x')

  expect(code).toBe(1)
  expect(err).toContain('ragstone ingest')
})

test('search gives the best of all stores first', async () => {
  await run('stores', 'create', 'one')
  await run('stores', 'create', 'two')
  const { out } = await run('search', 'x')

  expect(out).toBe(`1. vs_2.txt, page 4 bytes 10–27, score 0.90
   a passage of text

2. vs_1.txt, page 4 bytes 10–27, score 0.50
   a passage of text

`)
})

test('lists go on to the last page', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) await run('stores', 'create', name)
  const { out } = await run('stores', 'list', '--json')

  expect(out.trim().split('\n')).toHaveLength(5)
})

test('a store is deleted by its name', async () => {
  await run('stores', 'create', 'papers')
  await run('stores', 'delete', 'papers')

  expect((await run('stores', '--json')).out).toBe('')
})

test('a store is listed in aligned columns', async () => {
  await run('stores', 'create', 'papers')

  expect((await run('stores')).out).toBe(
    'ID    NAME    FILES  FAILED  SIZE    CREATED\nvs_1  papers      2       0  1.2 kB  1970-01-01 00:00\n',
  )
})

test('the files of a store are listed with their state', async () => {
  await put({ 'a.txt': 'a' })
  await run('ingest', folder, '--store', 'papers')

  expect((await run('files', '--store', 'papers')).out).toMatch(/file-1 +completed +3 +1 B +a\.txt/)
})

test('models are listed', async () => {
  expect((await run('models')).out).toContain('extractive')
})

test('a new key goes to the output alone, the warning beside it', async () => {
  const { out, err } = await run('keys', 'create', 'laptop', '--scope', 'ask', '--scope', 'read')

  expect(out).toBe('rs_made\n')
  expect(err).toContain('only its hash is stored')
})

test('keys are listed with what they may do, and how they stand', async () => {
  expect((await run('keys')).out).toBe(
    'ID     NAME    SCOPES    STORES  CREATED           LAST USED  STATE\nkey_1  laptop  ask,read  all     1970-01-01 00:00  never      expired 1970-01-01 00:01\n',
  )
})

test('a rotated key is shown once', async () => {
  expect((await run('keys', 'rotate', 'key_1', '--overlap-hours', '2')).out).toBe('rs_next\n')
})

test('a key is revoked by its id', async () => {
  expect((await run('keys', 'revoke', 'key_1')).out).toBe('revoked key_1\n')
})

test('a key for a store is made with the id of the store', async () => {
  await run('stores', 'create', 'papers')
  const { out } = await run('keys', 'create', 'site', '--store', 'papers', '--json')

  expect(JSON.parse(out)).toMatchObject({ received: { vector_store_ids: ['vs_1'] } })
})

describe('reaching the server', () => {
  test('an address where nothing answers gives exit code 3', async () => {
    const gone = await startFakeServer()
    await gone.close()
    const { code, err } = await runCommand(['models'], { url: gone.url })

    expect(code).toBe(3)
    expect(err).toContain(`No server answers at ${gone.url} (ECONNREFUSED).`)
  })

  test('a wrong key says how to give the right one', async () => {
    const { code, err } = await run('--api-key', 'rs_wrong', 'models')

    expect(code).toBe(1)
    expect(err).toContain(
      'The API key is not valid. Give the key with --api-key or RAGSTONE_API_KEY.',
    )
  })

  test('on this machine it goes through the socket', async () => {
    const socketPath = join(folder, 'ragstone.sock')
    const local = createServer((_request, response) => response.end('{"here":true}'))
    await new Promise<void>((resolve) => local.listen(socketPath, resolve))
    const startLocal = () => Promise.reject(new Error('It was running.'))
    const connection = await connect({
      url: null,
      apiKey: null,
      tenant: null,
      socketPath,
      startLocal,
    })

    expect(await connection.send('GET', '/v1/models')).toEqual({ here: true })
    await connection.close()
    await new Promise((resolve) => local.close(resolve))
  })

  test('where no server runs, one is started for as long as the command takes', async () => {
    const socketPath = join(folder, 'ragstone.sock')
    const local = createServer((_request, response) => response.end('{"here":true}'))
    const startLocal = async () => {
      await new Promise<void>((resolve) => local.listen(socketPath, resolve))
      return { close: () => new Promise<void>((resolve) => local.close(() => resolve())) }
    }
    const connection = await connect({
      url: null,
      apiKey: null,
      tenant: null,
      socketPath,
      startLocal,
    })

    expect(await connection.send('GET', '/')).toEqual({ here: true })
    await connection.close()
    expect(local.listening).toBe(false)
  })

  test('a path below the address is kept', async () => {
    const client = createClient({ origin: `${server.url}/below`, apiKey: 'rs_test' })

    await expect(client.send('GET', '/v1/models')).rejects.toThrow('There is no such thing.')
    expect(server.requests).toEqual(['GET /below/v1/models'])
    await client.close()
  })
})
