import type { FauxqsServer } from 'fauxqs'
import { CREDENTIALS, createKind, makeS3Place, startCloud } from './s3-place.ts'
import { sourceContract } from './source-contract.ts'

let server: FauxqsServer | null = null

sourceContract('s3', {
  async open(documents, { maxFileBytes }) {
    server ??= await startCloud()
    const place = makeS3Place(server)
    const { bucket, endpoint } = place.settings
    const put = async (name: string, text: string) => {
      await place.put(name, text)
      place.tell(name)
    }
    for (const [name, text] of Object.entries(documents)) await place.put(name, text)
    return {
      kind: createKind({ maxFileBytes }),
      settings: place.settings,
      credentials: CREDENTIALS,
      keyOf: (name) => name,
      put,
      async remove(name) {
        await place.remove(name)
        place.tell(name, 'ObjectRemoved:Delete')
      },
      async breakListing() {
        server?.emptyBucket(bucket)
        await fetch(`${endpoint}/${bucket}`, { method: 'DELETE' })
      },
      close: async () => undefined,
    }
  },
  close: async () => server?.stop(),
})
