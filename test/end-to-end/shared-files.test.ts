import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { SERVER_URL } from '../storage/backends.ts'
import { makeServerDatabase } from './served-backend.ts'

const MAIN = new URL('../../src/app/main.ts', import.meta.url).pathname
const TEXT = 'The notice period is sixty days.'

describe.skipIf(SERVER_URL === undefined)('two servers with the same files (PostgreSQL)', () => {
  let folder: string
  let database: Awaited<ReturnType<typeof makeServerDatabase>>
  let environment: Record<string, string>
  let servers: readonly [RagstoneProcess, RagstoneProcess]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ragstone-shared-'))
    database = await makeServerDatabase()
    environment = {
      DATABASE_URL: database.url,
      RAGSTONE_BLOBS_DIRECTORY: join(folder, 'blobs'),
      RAGSTONE_EMBEDDING_PROVIDER: 'none',
    }
    // The first works on nothing, so what is added through it is worked on by the other.
    const idle = { ...environment, RAGSTONE_SERVER_WORKERS: '0' }
    const first = await startRagstone({ environment: idle })
    servers = [first, await startRagstone({ environment, key: first.key })]
  }, 120_000)
  afterAll(async () => {
    for (const server of servers) await server.stop()
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  })

  /** A command over this database with files of its own, until it ends. */
  const run = async (...argv: readonly string[]) => {
    const own = join(folder, 'elsewhere')
    const child = spawn(process.execPath, [MAIN, ...argv], {
      env: {
        ...process.env,
        ...environment,
        RAGSTONE_DATA_DIRECTORY: own,
        RAGSTONE_BLOBS_DIRECTORY: '',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const code = new Promise<number | null>((resolve) => child.once('close', resolve))
    const read = async (stream: NodeJS.ReadableStream) => (await Array.fromAsync(stream)).join('')
    const [output, errors] = await Promise.all([read(child.stdout), read(child.stderr)])
    return { code: await code, output, errors }
  }

  test('what is uploaded to one is read and worked on by the other', async () => {
    const [first, second] = servers
    const store = await first.client.vectorStores.create({ name: 'leases' })
    const content = await toFile(Buffer.from(TEXT), 'lease.txt')
    const file = await first.client.files.create({ file: content, purpose: 'assistants' })
    await second.client.vectorStores.files.createAndPoll(store.id, { file_id: file.id })
    const read = await (await second.client.files.content(file.id)).text()
    const { data } = await first.client.vectorStores.search(store.id, { query: 'notice period' })

    expect(read).toBe(TEXT)
    expect(data[0]?.content[0]?.text).toContain(TEXT)
  })

  test.each(['serve', 'work'])(
    '%s with files elsewhere does not start, and says what to set',
    async (command) => {
      const { code, errors } = await run(command)

      expect(code).toBe(2)
      expect(errors).toContain('blobs.directory')
      expect(errors).toContain(join(folder, 'blobs'))
    },
  )

  test('the doctor says it too', async () => {
    const { code, output } = await run('doctor', '--json')
    const { checks } = JSON.parse(output) as {
      checks: { name: string; ok: boolean; detail: string }[]
    }
    const finding = checks.find(({ name }) => name === 'files at rest')

    expect(code).toBe(1)
    expect(finding).toMatchObject({ ok: false })
    expect(finding?.detail).toContain('the same blobs.directory')
  })
})
