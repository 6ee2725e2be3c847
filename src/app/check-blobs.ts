import { createHash, randomUUID } from 'node:crypto'
import type { Finding } from '../cli/run-checks.ts'
import type { Config } from './config.ts'
import { openObjects } from './open-objects.ts'

/** Puts something, reads it and takes it away again. */
export async function checkBlobs(config: Config): Promise<Finding> {
  const { store, bucket, endpoint, masterKey } = config.blobs
  const where =
    store === 'directory' ? 'in the data directory' : `in the bucket ${bucket} ${endpoint ?? ''}`
  const what = `${where.trim()}, ${masterKey === null ? 'not encrypted' : 'encrypted'}`
  const { objects, close } = openObjects(config)
  const content = Buffer.from(randomUUID())
  const key = `doctor/${createHash('sha256').update(content).digest('hex')}`
  try {
    await objects.write(key, { bytes: content.length, read: () => only(content) })
    const opened = await objects.open(key)
    const found = Buffer.concat(opened === null ? [] : await Array.fromAsync(opened.content))
    await objects.delete(key)
    if (!found.equals(content)) throw new Error('What was put did not come back.')
    return { ok: true, detail: what }
  } catch (error) {
    const reasons = [error, error instanceof Error ? error.cause : undefined]
    const why = reasons.flatMap((each) => (each instanceof Error ? [each.message] : []))
    return {
      ok: false,
      detail: `${what}: ${why.join(' ')}`,
      advice:
        store === 'directory'
          ? 'Let the server write into data.directory.'
          : 'Look at the settings of the section `blobs`: the bucket must be there, and its user may read, write, list and delete in it.',
    }
  } finally {
    close()
  }
}

async function* only(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content
}
