import { createHash, randomUUID } from 'node:crypto'
import { isListening } from '../cli/connect.ts'
import type { Finding } from '../cli/run-checks.ts'
import { examineFileStore } from '../storage/file-store.ts'
import type { Config } from './config.ts'
import { filePlace } from './file-place.ts'
import { fileStoreProblem } from './insist-on-file-store.ts'
import { openObjects } from './open-objects.ts'
import { openBackend } from './open-storage.ts'
import { socketPath } from './socket-path.ts'

/** Puts something, reads it and takes it away again; and asks whether the files there are those of the database. */
export async function checkBlobs(config: Config): Promise<Finding> {
  const { store, masterKey } = config.blobs
  const what = `in ${filePlace(config)}, ${masterKey === null ? 'not encrypted' : 'encrypted'}`
  const { objects, close } = openObjects(config)
  const content = Buffer.from(randomUUID())
  const key = `doctor/${createHash('sha256').update(content).digest('hex')}`
  try {
    await objects.write(key, { bytes: content.length, read: () => only(content) })
    const opened = await objects.open(key)
    const found = Buffer.concat(opened === null ? [] : await Array.fromAsync(opened.content))
    await objects.delete(key)
    if (!found.equals(content)) throw new Error('What was put did not come back.')
    return (await checkWhose(config)) ?? { ok: true, detail: what }
  } catch (error) {
    const reasons = [error, error instanceof Error ? error.cause : undefined]
    const why = reasons.flatMap((each) => (each instanceof Error ? [each.message] : []))
    return {
      ok: false,
      detail: `${what}: ${why.join(' ')}`,
      advice:
        store === 'directory'
          ? 'Let the server write into blobs.directory, or `blobs` in data.directory where that is not set.'
          : 'Look at the settings of the section `blobs`: the bucket must be there, and its user may read, write, list and delete in it.',
    }
  } finally {
    close()
  }
}

/** Null where they are this database's, or its server has the database to itself and has seen to that. */
async function checkWhose(config: Config): Promise<Finding | null> {
  if (config.database.url === null && (await isListening(socketPath(config)))) return null
  const place = filePlace(config)
  const backend = await openBackend(config)
  const { objects, close } = openObjects(config)
  try {
    const finding = await examineFileStore(backend.pool, { objects, place })
    const detail = fileStoreProblem(finding, place)
    const advice = 'No server or worker starts like this: see docs/operations/files-at-rest.md.'
    return detail === null ? null : { ok: false, detail, advice }
  } finally {
    close()
    await backend.close()
  }
}

async function* only(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content
}
