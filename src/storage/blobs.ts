import type { BlobStore } from '../core/ports/blob-store.ts'
import type { DataKeys } from '../core/ports/data-keys.ts'
import type { ByteRange, ObjectStore } from '../core/ports/object-store.ts'
import { blobKey } from './blob-key.ts'
import { createDamage, type OnDamage } from './damage.ts'
import { sealedBytes, type Identity } from './frame-format.ts'
import { checkedContent } from './checked-content.ts'
import { createPlainReader } from './plain-reader.ts'
import { openSealedBlob } from './sealed-reader.ts'
import { sealContent } from './seal-frames.ts'

export interface BlobsDeps {
  readonly objects: ObjectStore
  /** Null keeps what comes as it is. What was encrypted needs its key all the same. */
  readonly dataKeys: Pick<DataKeys, 'of'> | null
  readonly onDamage: OnDamage
}

/** Blobs as objects `<tenant>/<first two digits>/<SHA-256>`. Whatever leaves was checked: see docs/operations/files-at-rest.md. */
export function createBlobs({ objects, dataKeys, onDamage }: BlobsDeps): BlobStore {
  const damage = createDamage(onDamage)
  const plain = createPlainReader(objects)

  /** Null when it is not there, or plain. */
  async function openEncrypted({ tenantId, sha256 }: Identity, range?: ByteRange) {
    if (dataKeys === null) return null
    const key = blobKey(tenantId, sha256)
    const dataKey = await dataKeys.of(tenantId)
    return openSealedBlob(objects, { key, identity: { tenantId, sha256 }, range, dataKey })
  }

  return {
    async put(tenantId, sha256, given) {
      const key = blobKey(tenantId, sha256)
      const content = checkedContent(given, sha256)
      // Asked for first: whoever puts again within a transaction has it at hand.
      const dataKey = (await dataKeys?.of(tenantId)) ?? null
      const there = await objects.find(key)
      const sizes = [content.bytes, sealedBytes(content.bytes)]
      if (there !== null && sizes.includes(there.bytes) && !damage.has({ tenantId, sha256 })) return
      const kept = dataKey === null ? content : sealContent(content, dataKey, { tenantId, sha256 })
      await objects.write(key, kept)
      damage.mended({ tenantId, sha256 })
    },
    async get(tenantId, sha256) {
      const identity = { tenantId, sha256 }
      const key = blobKey(tenantId, sha256)
      const opened = await damage.watch(identity, async () => {
        const sealed = await openEncrypted(identity)
        if (sealed !== null) return sealed
        const whole = await plain.get(key, sha256)
        return whole === null ? null : { bytes: whole.length, content: only(whole) }
      })
      return opened === null ? null : joined(await Array.fromAsync(opened.content))
    },
    open: (tenantId, sha256, range) =>
      damage.watch(
        { tenantId, sha256 },
        async () =>
          (await openEncrypted({ tenantId, sha256 }, range)) ??
          plain.open(blobKey(tenantId, sha256), sha256, range),
      ),
    async delete(tenantId, sha256) {
      await objects.delete(blobKey(tenantId, sha256))
    },
  }
}

async function* only(whole: Buffer): AsyncGenerator<Uint8Array> {
  yield whole
}

/** What came in one piece is not copied. */
function joined([first = Buffer.alloc(0), ...others]: readonly Uint8Array[]): Buffer {
  if (others.length > 0) return Buffer.concat([first, ...others])
  return Buffer.from(first.buffer, first.byteOffset, first.byteLength)
}
