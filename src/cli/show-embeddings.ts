import type { MigrationStatus } from '../core/embedding-migration.ts'
import type { MigrationEstimate } from '../ingest/estimate-migration.ts'
import type { CliDeps } from './deps.ts'
import { count, excerpt, line, size, table } from './terminal.ts'

type Stream = CliDeps['stderr']

export interface Migration {
  readonly from: string | null
  readonly to: string
  readonly status: MigrationStatus
  readonly can_roll_back: boolean
  readonly problem: string | null
}

export interface EmbeddingsStatus {
  readonly serving: string | null
  readonly models: readonly {
    readonly id: string
    readonly available: boolean
    readonly stored: boolean
  }[]
  readonly migration: Migration | null
  readonly progress: {
    readonly chunks: number
    readonly done: number
    readonly chunks_per_second: number | null
    readonly seconds_left: number | null
  } | null
}

interface Quality {
  readonly recall_at_10: number
  readonly ndcg_at_10: number
}

export interface Comparison {
  readonly old_model: string
  readonly new_model: string
  readonly questions_from: 'given' | 'golden' | 'recent'
  readonly questions: number
  readonly left_out: number
  readonly judged: number
  readonly overlap_at_10: number | null
  readonly old: Quality | null
  readonly new: Quality | null
  readonly differing: readonly {
    readonly question: string
    readonly overlap_at_10: number
    readonly old: readonly string[]
    readonly new: readonly string[]
  }[]
}

export function showStatus(stdout: Stream, status: EmbeddingsStatus): void {
  const { models, serving, migration, progress } = status
  const rows = models.map(({ id, available, stored }) => [
    id,
    id === serving ? 'serves' : stored ? 'stored' : '',
    available ? '' : 'not in the configuration of this server',
  ])
  table(stdout, ['MODEL', 'VECTORS', ''], rows)
  if (serving === null) line(stdout, 'Search is by words alone.')
  if (migration === null) return
  line(stdout)
  showMigration(stdout, migration)
  if (progress === null || migration.status !== 'building') return
  const { done, chunks, chunks_per_second: pace, seconds_left: left } = progress
  line(
    stdout,
    `${done} of ${count(chunks, 'chunk')}${pace === null ? '' : `, ${pace} a second`}${left === null ? '' : `, ${duration(left)} left`}`,
  )
}

export function showMigration(stdout: Stream, migration: Migration): void {
  const { from, to, status, problem } = migration
  line(stdout, `${from ?? 'words alone'} → ${to}: ${NEXT[status]}`)
  if (problem !== null) line(stdout, problem)
}

const NEXT: Readonly<Record<Migration['status'], string>> = {
  planned: 'about to begin.',
  building: 'being built; the old model serves.',
  ready:
    'ready; the old model serves. `ragstone embeddings compare`, then `ragstone embeddings cut-over`.',
  cut_over:
    'the new model serves. `ragstone embeddings roll-back` goes back, `ragstone embeddings drop-old` deletes the old vectors.',
  rolled_back:
    'the old model serves again. `ragstone embeddings cut-over` tries again, `ragstone embeddings cancel` deletes the new vectors.',
  old_dropped: 'done; the old vectors are deleted.',
  cancelled: 'cancelled; the new vectors are deleted.',
}

export function showEstimate(stream: Stream, estimate: MigrationEstimate): void {
  const { from, to, dimensions, chunks, tenants, tokens, cost, seconds, bytes, notes } = estimate
  line(stream, `${from ?? 'words alone'} → ${to} (${dimensions} dimensions)`)
  line(stream, `${count(chunks, 'chunk')} of ${count(tenants, 'tenant')}, ${tokens} tokens`)
  line(
    stream,
    `cost: ${cost === null ? 'no price is configured' : `about ${cost.amount.toFixed(2)} ${cost.currency}`}`,
  )
  line(
    stream,
    `time: ${seconds === null ? 'nothing to measure' : `about ${duration(seconds)} with one job at a time`}`,
  )
  line(stream, `disk: about ${size(bytes)} beside the old vectors`)
  for (const note of notes) line(stream, note)
}

export function showComparison(stdout: Stream, comparison: Comparison): void {
  const { old_model: old, new_model: next, questions, judged, overlap_at_10: overlap } = comparison
  const asked = ASKED[comparison.questions_from](questions)
  line(stdout, `${asked}, ${judged} with what is expected`)
  if (comparison.left_out > 0)
    line(stdout, `${count(comparison.left_out, 'golden question')} more were not asked`)
  if (overlap !== null) line(stdout, `overlap of the first ten results: ${percent(overlap)}`)
  if (comparison.old !== null && comparison.new !== null) {
    const rows = [
      [old, percent(comparison.old.recall_at_10), comparison.old.ndcg_at_10.toFixed(3)],
      [next, percent(comparison.new.recall_at_10), comparison.new.ndcg_at_10.toFixed(3)],
    ]
    table(stdout, ['MODEL', 'RECALL@10', 'NDCG@10'], rows)
  }
  if (comparison.differing.length === 0) return
  line(stdout)
  const rows = comparison.differing.map((each) => [
    percent(each.overlap_at_10),
    excerpt(each.question, 40),
    `${each.old[0] ?? 'nothing'} → ${each.new[0] ?? 'nothing'}`,
  ])
  table(stdout, ['OVERLAP', 'QUESTION', 'FIRST RESULT'], rows)
}

const ASKED: Readonly<Record<Comparison['questions_from'], (questions: number) => string>> = {
  given: (questions) => `${count(questions, 'question')} given`,
  golden: (questions) => count(questions, 'golden question'),
  recent: (questions) => `${count(questions, 'question')} asked lately`,
}

const percent = (share: number) => `${Math.round(share * 100)} %`

const MINUTE = 60
const HOUR = 3600

/** `40 s`, `12 min`, `3.5 h`. */
export function duration(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${Math.ceil(seconds)} s`
  if (seconds < 2 * HOUR) return `${Math.round(seconds / MINUTE)} min`
  return `${(seconds / HOUR).toFixed(1)} h`
}
