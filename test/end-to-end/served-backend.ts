import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { onServer, SERVER_URL } from '../storage/backends.ts'

/** A server over an empty database of the kind: embedded, or one made on the test server and dropped at the end. */
export async function serveOver(kind: 'pglite' | 'postgres'): Promise<RagstoneProcess> {
  if (kind === 'pglite') {
    // A first start, which makes its database itself.
    const dataDirectory = await mkdtemp(join(tmpdir(), 'ragstone-first-'))
    const ragstone = await startRagstone({ dataDirectory, environment: { DATABASE_URL: '' } })
    return {
      ...ragstone,
      async stop() {
        await ragstone.stop()
        await rm(dataDirectory, { recursive: true, force: true })
      },
    }
  }
  const database = await makeServerDatabase()
  const ragstone = await startRagstone({ environment: { DATABASE_URL: database.url } })
  return {
    ...ragstone,
    async stop() {
      await ragstone.stop()
      await database.drop()
    },
  }
}

/** An empty database on the test server. */
export async function makeServerDatabase(): Promise<{
  readonly url: string
  drop(): Promise<void>
}> {
  const server = SERVER_URL ?? ''
  const name = `ragstone_test_${randomUUID().replaceAll('-', '')}`
  await onServer(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => onServer(server, `drop database ${name} with (force)`) }
}
