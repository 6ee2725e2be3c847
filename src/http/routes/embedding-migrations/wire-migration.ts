import type {
  WireEmbeddingMigration,
  WireEmbeddingsStatus,
  WireSpaceComparison,
} from '../../../contract/embedding-migration.ts'
import type { EmbeddingMigration } from '../../../core/embedding-migration.ts'
import type { Quality, SpaceComparison } from '../../../eval/compare-spaces.ts'
import type { EmbeddingStatus } from '../../../ingest/embeddings.ts'
import { unixSeconds } from '../../unix-seconds.ts'

export function wireMigration(migration: EmbeddingMigration): WireEmbeddingMigration {
  const seconds = (moment: Date | null) => moment && unixSeconds(moment)
  return {
    id: migration.id,
    object: 'embeddings.migration',
    from: migration.fromModel,
    to: migration.toModel,
    dimensions: migration.toDimensions,
    status: migration.status,
    can_roll_back: migration.keepsOld || migration.fromModel === null,
    chunks_per_second_allowed: migration.rate,
    problem: migration.problem,
    created_at: unixSeconds(migration.createdAt),
    building_at: seconds(migration.buildingAt),
    ready_at: seconds(migration.readyAt),
    cut_over_at: seconds(migration.cutOverAt),
    ended_at: seconds(migration.endedAt),
  }
}

export function wireStatus({ state, models, progress }: EmbeddingStatus): WireEmbeddingsStatus {
  const stored = state.spaces.map(({ model }) => model)
  const all = new Set([...models, ...stored])
  return {
    object: 'embeddings',
    serving: state.serving?.model ?? null,
    models: [...all].map((id) => ({
      id,
      available: models.includes(id),
      stored: stored.includes(id),
    })),
    migration: state.migration && wireMigration(state.migration),
    progress: progress && {
      chunks: progress.chunks,
      done: progress.done,
      chunks_per_second: rounded(progress.chunksPerSecond),
      seconds_left: rounded(progress.secondsLeft),
    },
  }
}

const rounded = (number: number | null) => number && Math.round(number * 10) / 10

export function wireComparison(comparison: SpaceComparison): WireSpaceComparison {
  const quality = (of: Quality | null) => of && { recall_at_10: of.recall, ndcg_at_10: of.ndcg }
  return {
    object: 'embeddings.comparison',
    old_model: comparison.oldModel,
    new_model: comparison.newModel,
    questions_from: comparison.from,
    questions: comparison.questions,
    left_out: comparison.leftOut,
    judged: comparison.judged,
    overlap_at_10: comparison.overlap,
    old: quality(comparison.old),
    new: quality(comparison.new),
    differing: comparison.differing.map((each) => ({
      question: each.question,
      overlap_at_10: each.overlap,
      old: [...each.old],
      new: [...each.new],
    })),
  }
}
