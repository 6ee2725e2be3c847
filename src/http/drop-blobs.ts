import type { FastifyBaseLogger } from 'fastify'
import type { HttpDeps } from './http-deps.ts'

/**
 * After the rows that named them are gone for good. A blob that stays behind costs room and nothing else,
 * so a failure is logged and the caller is told of the success that it was.
 */
export async function dropBlobs(
  { blobs }: Pick<HttpDeps, 'blobs'>,
  orphans: {
    readonly tenantId: string
    readonly hashes: readonly string[]
    readonly log: FastifyBaseLogger
  },
): Promise<void> {
  const drops = orphans.hashes.map((sha256) => blobs.delete(orphans.tenantId, sha256))
  for (const drop of await Promise.allSettled(drops)) {
    if (drop.status === 'rejected') orphans.log.warn({ err: drop.reason }, 'blob left behind')
  }
}
