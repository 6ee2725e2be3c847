import { AppError } from '../core/errors.ts'
import type { Database, Transaction } from '../core/ports/database.ts'
import type { BuildingTurn, MissingVectors } from '../core/ports/embedding-migrations.ts'
import type { EmbeddingModel } from '../core/ports/embedding-model.ts'
import type { Attempt, JobOutcome, JobSender, ReEmbedJob } from '../core/ports/queue.ts'
import { embedChunks, type EmbedDeps } from './embed/embed-chunks.ts'
import { UNASKED } from './embed/embed-everywhere.ts'

export interface ReEmbedDeps extends Omit<EmbedDeps, 'budgetsOf' | 'embedder' | 'purpose'> {
  readonly database: Database
  readonly missing: MissingVectors
  readonly models: readonly EmbeddingModel[]
  readonly sender: JobSender<ReEmbedJob>
  /** Of one turn: then others have theirs. */
  readonly turnMs?: number
}

/** Gives chunks of one tenant their vectors in the space that is being built, for a while; then another job goes on. */
export type ReEmbed = (
  job: ReEmbedJob,
  signal: AbortSignal,
  attempt: Pick<Attempt, 'complete'>,
) => Promise<JobOutcome>

/** Chunks embedded, and written, at once: what a killed process has to do again. */
const BATCH = 64
const TURN_MS = 3_000
const WITHOUT_MODEL_MS = 5_000

export function createReEmbed(deps: ReEmbedDeps): ReEmbed {
  const { database, missing, sender, turnMs = TURN_MS } = deps

  return async ({ tenantId, migrationId, behind }, signal, attempt) => {
    const until = performance.now() + turnMs
    let last = behind
    for (;;) {
      signal.throwIfAborted()
      const taken = await take({ tenantId, migrationId, behind: last })
      if (taken === null) return 'withdrawn'
      const { turn, chunks } = taken
      const next = chunks.at(-1)
      if (next === undefined) return end(tenantId, attempt)
      const written = await fill({ tenantId, turn, chunks }, signal)
      if (written === null) return 'withdrawn'
      last = next.id
      if (performance.now() < until) continue
      const rest = { tenantId, migrationId, behind: last }
      await database.transact(tenantId, async (transaction) => {
        await attempt.complete(transaction)
        await sender.send(transaction, rest, { priority: 'sync' })
      })
      return 'settled'
    }
  }

  async function end(tenantId: string, attempt: Pick<Attempt, 'complete'>): Promise<JobOutcome> {
    await database.transact(tenantId, (transaction) => attempt.complete(transaction))
    return 'settled'
  }

  /** Null where the migration is over, or is another. Throws `rate_limited` where it is too early for more. */
  async function take({ tenantId, migrationId, behind }: ReEmbedJob) {
    return database.transact(tenantId, async (transaction) => {
      const turn = await turnFor(transaction, migrationId)
      if (turn === null) return null
      const { space } = turn
      return { turn, chunks: await missing.next(transaction, { space, behind, limit: BATCH }) }
    })
  }

  async function turnFor(
    transaction: Transaction,
    migrationId: string,
  ): Promise<BuildingTurn | null> {
    const turn = await missing.turn(transaction, BATCH)
    if (turn?.migrationId !== migrationId) return null
    if (turn.waitMs > 0) {
      throw new AppError('rate_limited', 'As many chunks are embedded anew as may be for now.', {
        retryAfterMs: turn.waitMs,
      })
    }
    return turn
  }

  async function fill(
    of: {
      readonly tenantId: string
      readonly turn: BuildingTurn
      readonly chunks: readonly {
        readonly id: string
        readonly context: string
        readonly text: string
      }[]
    },
    signal: AbortSignal,
  ): Promise<number | null> {
    const { tenantId, turn, chunks } = of
    const embedder = deps.models.find(({ id }) => id === turn.model)
    if (embedder === undefined) {
      throw new AppError(
        'provider_unavailable',
        `This process does not have ${turn.model}: name it in embedding.others.`,
        { retryAfterMs: WITHOUT_MODEL_MS },
      )
    }
    const request = { tenantId, chunks, onProgress: async () => undefined }
    const vectors = await embedChunks({ ...deps, ...UNASKED, embedder }, request, signal)
    const ids = chunks.map(({ id }) => id)
    return database.transact(tenantId, (transaction) =>
      missing.fill(transaction, { space: turn.space, ids, vectors }),
    )
  }
}
