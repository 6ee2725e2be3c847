import type { JobHandler, ReEmbedJob } from '../core/ports/queue.ts'
import type { ReEmbed } from '../ingest/re-embed.ts'

/** A service that is away for twenty minutes delays a migration, and does not end it. */
export const reEmbedChunks = {
  name: 're-embed-chunks',
  keyOf: ({ tenantId, migrationId }: ReEmbedJob) => `${tenantId}/${migrationId}`,
  retryLimit: 8,
  retryDelaySeconds: 5,
  retryDelayMaxSeconds: 600,
} as const

/** Whoever is suspended is embedded too: the migration is the installation's, and comes to an end only with everybody. */
export function handleReEmbedChunks({
  reEmbed,
}: {
  readonly reEmbed: ReEmbed
}): JobHandler<ReEmbedJob> {
  return async (job, signal, attempt) => {
    if (attempt.exhausted) throw new Error('Every attempt was cut short by the end of its worker.')
    return reEmbed(job, signal, attempt)
  }
}
