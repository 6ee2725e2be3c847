import { createHash } from 'node:crypto'
import type { OpenBlob } from '../core/ports/blob-store.ts'
import type { ByteRange, ObjectStore } from '../core/ports/object-store.ts'
import { DamagedContent } from './damage.ts'

export interface PlainReader {
  get(key: string, sha256: string): Promise<Buffer | null>
  open(key: string, sha256: string, range?: ByteRange): Promise<OpenBlob | null>
}

const MOST_KNOWN = 10_000
/** Somebody may put the object anew between the look and the reading; not again and again. */
const MOST_ATTEMPTS = 4

/**
 * Objects as they were put. Nothing in them tells where they are damaged, so the whole is hashed before the first byte
 * of it is given, and again only when it may have changed since.
 */
export function createPlainReader(objects: ObjectStore): PlainReader {
  const checked = new Map<string, string>()

  /** The version whose hash is right; null when there is none. */
  async function check(key: string, sha256: string): Promise<string | null> {
    const opened = await objects.open(key)
    if (opened === null) return null
    const hash = createHash('sha256')
    for await (const piece of opened.content) hash.update(piece)
    insistOn(sha256, hash.digest('hex'))
    if (checked.size >= MOST_KNOWN) checked.clear()
    checked.set(key, opened.version)
    return opened.version
  }

  return {
    async get(key, sha256) {
      const opened = await objects.open(key)
      if (opened === null) return null
      const whole = Buffer.concat(await Array.fromAsync(opened.content))
      insistOn(sha256, createHash('sha256').update(whole).digest('hex'))
      return whole
    },
    async open(key, sha256, range) {
      for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
        const version = checked.get(key) ?? (await check(key, sha256))
        if (version === null) return null
        const opened = await objects.open(key, range)
        if (opened === null) return null
        if (opened.version === version) return { bytes: opened.bytes, content: opened.content }
        checked.delete(key)
        for await (const _ of opened.content) break
      }
      throw new DamagedContent('It is written again and again.')
    },
  }
}

function insistOn(sha256: string, found: string): void {
  if (found !== sha256) throw new DamagedContent(`Its content has the hash ${found}.`)
}
