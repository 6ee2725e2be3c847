import { ChromaClient } from 'chromadb'
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { batched, versionOf } from './version-of.mjs'

/**
 * Chroma's own server, started from its npm package, asked over HTTP. Its binary wants glibc 2.39: on an older system
 * BENCH_NEWER_ROOT names a folder with the root of a newer Debian (scripts/postgres-18.sh unpacks one), whose C library is taken.
 */
export async function open({ folder }) {
  const port = await freePort()
  const program = new URL('node_modules/chromadb/dist/cli.mjs', import.meta.url).pathname
  const [command, ...options] = [...newerLoader(), process.execPath, program]
  const path = join(folder, 'chroma')
  const server = spawn(command, [...options, 'run', '--path', path, '--port', String(port)], {
    stdio: 'ignore',
  })
  const client = new ChromaClient({ host: '127.0.0.1', port })
  await untilUp(client)
  const collection = await client.createCollection({
    name: 'passages',
    embeddingFunction: null,
    configuration: { hnsw: { space: 'cosine' } },
  })
  return {
    version: await versionOf('chromadb'),
    async ingest(passages) {
      for (const some of batched(passages, 500)) {
        await collection.add({
          ids: some.map(({ id }) => id),
          embeddings: some.map(({ vector }) => vector),
          documents: some.map(({ text }) => text),
        })
      }
    },
    searches: {
      async dense({ vector }, k) {
        const found = await collection.query({ queryEmbeddings: [vector], nResults: k })
        return found.ids[0]
      },
    },
    async close() {
      // It takes no notice of anything gentler.
      server.kill('SIGKILL')
    },
  }
}

function newerLoader() {
  const root = process.env.BENCH_NEWER_ROOT
  if (root === undefined) return []
  const loader = join(root, 'lib64/ld-linux-x86-64.so.2')
  return [loader, '--library-path', join(root, 'usr/lib/x86_64-linux-gnu')]
}

async function untilUp(client) {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const up = await client.heartbeat().then(
      () => true,
      () => false,
    )
    if (up) return
    await sleep(100)
  }
  throw new Error('Chroma did not start.')
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
