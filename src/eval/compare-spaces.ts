import type { RankedChunk } from '../core/answer.ts'
import type { Search } from '../core/ask.ts'
import { AppError } from '../core/errors.ts'
import { MOST_GOLDEN_QUESTIONS, type Expectation } from '../core/golden-question.ts'
import type { Database } from '../core/ports/database.ts'
import type { EmbeddingModel } from '../core/ports/embedding-model.ts'
import type { EmbeddingSpaces } from '../core/ports/embedding-spaces.ts'
import type { GoldenQuestions } from '../core/ports/golden-questions.ts'
import type { RecentQuestions } from '../core/ports/recent-questions.ts'
import type { SearchRequest } from '../core/question.ts'
import { ndcgAt, recallAt, type Judgements } from './ranking-metrics.ts'

export interface ComparedQuestion {
  readonly question: string
  readonly vectorStoreIds: readonly string[]
  readonly expected: readonly Expectation[]
}

type Asked = Pick<SearchRequest, 'caller' | 'limits' | 'tenantId'>

export interface Quality {
  readonly recall: number
  readonly ndcg: number
}

export interface QuestionComparison {
  readonly question: string
  readonly overlap: number
  /** Names of files, best first. */
  readonly old: readonly string[]
  readonly new: readonly string[]
}

export interface SpaceComparison {
  readonly oldModel: string
  readonly newModel: string
  readonly from: 'given' | 'golden' | 'recent'
  readonly questions: number
  /** Golden questions beyond those that one comparison asks. */
  readonly leftOut: number
  /** Questions of which it is known where their answer is. */
  readonly judged: number
  /** Mean share of the first ten results that both have; null without questions. */
  readonly overlap: number | null
  readonly old: Quality | null
  readonly new: Quality | null
  /** Where the two differ most. */
  readonly differing: readonly QuestionComparison[]
}

/**
 * Asks the same questions of both spaces of a migration, with the search as it is configured. `questions` null takes the
 * golden questions of the tenant's stores, or what was asked lately where there are none. Throws `conflict` where there
 * are no two whole spaces.
 */
export type CompareSpaces = (
  asked: Asked,
  questions: readonly ComparedQuestion[] | null,
  signal: AbortSignal,
) => Promise<SpaceComparison>

interface Chosen extends Pick<SpaceComparison, 'from' | 'leftOut'> {
  readonly questions: readonly ComparedQuestion[]
}

const DEPTH = 10
const RECENT = 100
const SHOWN = 10

export function createCompareSpaces(deps: {
  readonly database: Database
  readonly spaces: EmbeddingSpaces
  readonly searchBy: (embedder: EmbeddingModel | null) => Search
  readonly goldenQuestions: Pick<GoldenQuestions, 'spread'>
  readonly recentQuestions: RecentQuestions
}): CompareSpaces {
  const { database, spaces, searchBy, goldenQuestions, recentQuestions } = deps

  return async (asked, given, signal) => {
    const { oldModel, newModel } = await twoModels()
    const { from, questions, leftOut } =
      given === null
        ? await choose(asked.tenantId)
        : { from: 'given' as const, questions: given, leftOut: 0 }
    const compared = []
    for (const question of questions) {
      const request = { ...asked, ...requestFor(question) }
      // One after the other: people ask at the same time, and theirs go first.
      const old = await searchBy(oldModel)(request, signal)
      const now = await searchBy(newModel)(request, signal)
      compared.push(compareOne(question, old, now))
    }
    const judged = compared.flatMap(({ quality }) => quality ?? [])
    return {
      oldModel: oldModel.id,
      newModel: newModel.id,
      from,
      questions: compared.length,
      leftOut,
      judged: judged.length,
      overlap: mean(compared.map(({ overlap }) => overlap)),
      old: meanQuality(judged.map((each) => each.old)),
      new: meanQuality(judged.map((each) => each.new)),
      differing: compared
        .filter(({ overlap }) => overlap < 1)
        .toSorted((one, other) => one.overlap - other.overlap)
        .slice(0, SHOWN)
        .map(({ question, overlap, old, new: now }) => ({ question, overlap, old, new: now })),
    }
  }

  async function twoModels() {
    const { migration } = await spaces.refresh()
    const isWhole = ['ready', 'cut_over', 'rolled_back'].includes(migration?.status ?? '')
    if (migration === null || !isWhole || migration.fromModel === null) {
      throw new AppError(
        'conflict',
        'Two whole spaces can be compared, from when a migration is ready until the old one is dropped.',
      )
    }
    return {
      oldModel: spaces.modelNamed(migration.fromModel),
      newModel: spaces.modelNamed(migration.toModel),
    }
  }

  function choose(tenantId: string): Promise<Chosen> {
    return database.transact(tenantId, async (within) => {
      const golden = await goldenQuestions.spread(within, MOST_GOLDEN_QUESTIONS)
      if (golden.questions.length > 0) {
        return {
          from: 'golden',
          questions: golden.questions.map(({ question, vectorStoreId, expected }) => ({
            question,
            vectorStoreIds: [vectorStoreId],
            expected,
          })),
          leftOut: golden.total - golden.questions.length,
        }
      }
      const recent = await recentQuestions.list(within, RECENT)
      return {
        from: 'recent',
        questions: recent.map(({ query, vectorStoreIds }) => ({
          question: query,
          vectorStoreIds,
          expected: [],
        })),
        leftOut: 0,
      }
    })
  }
}

const requestFor = ({ question, vectorStoreIds }: ComparedQuestion) => ({
  vectorStoreIds,
  text: question,
  filter: null,
  limit: DEPTH,
  scoreThreshold: 0,
})

function compareOne(
  { question, expected }: ComparedQuestion,
  old: readonly RankedChunk[],
  now: readonly RankedChunk[],
) {
  const both = new Set(old.map(({ chunkId }) => chunkId)).intersection(
    new Set(now.map(({ chunkId }) => chunkId)),
  )
  const most = Math.max(old.length, now.length)
  return {
    question,
    overlap: most === 0 ? 1 : both.size / most,
    old: old.map(({ filename }) => filename),
    new: now.map(({ filename }) => filename),
    quality:
      expected.length === 0
        ? null
        : { old: qualityOf(old, expected), new: qualityOf(now, expected) },
  }
}

/** Each expectation is met by the first result that has it; what comes after meets it no better. */
function qualityOf(results: readonly RankedChunk[], expected: readonly Expectation[]): Quality {
  const judgements: Judgements = new Map(expected.map((_, place) => [String(place), 1]))
  const unmet = new Map(expected.entries())
  const ranking = results.map((result, rank) => {
    const met = [...unmet].find(([, expectation]) => meets(result, expectation))
    if (met === undefined) return `other ${rank}`
    unmet.delete(met[0])
    return String(met[0])
  })
  return { recall: recallAt(DEPTH, ranking, judgements), ndcg: ndcgAt(DEPTH, ranking, judgements) }
}

function meets({ fileId, filename, text }: RankedChunk, { file, quote }: Expectation): boolean {
  if (file !== fileId && file !== filename) return false
  return quote === null || plain(text).includes(plain(quote))
}

const plain = (text: string) => text.replaceAll(/\s+/gu, ' ').trim().toLowerCase()

function mean(numbers: readonly number[]): number | null {
  return numbers.length === 0 ? null : numbers.reduce((sum, each) => sum + each, 0) / numbers.length
}

function meanQuality(all: readonly Quality[]): Quality | null {
  const recall = mean(all.map((each) => each.recall))
  const ndcg = mean(all.map((each) => each.ndcg))
  return recall === null || ndcg === null ? null : { recall, ndcg }
}
