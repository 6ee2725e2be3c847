import type { FastifyReply } from 'fastify'

const POLL_AFTER_MS = 250

/** OpenAI's clients wait as long as they are told between two looks at work under way; five seconds when they are not. */
export function askAgainSoon<Work extends { readonly status: string }>(
  reply: FastifyReply,
  work: Work,
): Work {
  if (work.status === 'in_progress') void reply.header('openai-poll-after-ms', POLL_AFTER_MS)
  return work
}
