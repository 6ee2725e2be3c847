import type { Citation, TokenUsage } from '../../core/answer.ts'
import { AppError } from '../../core/errors.ts'
import type { Bill } from '../../limits/spending.ts'
import type { Answers } from '../../core/ports/answers.ts'
import type { AskedQuestion, NoteQuestion } from '../../core/ports/audit.ts'
import type { Database } from '../../core/ports/database.ts'
import type { AnswerTrace, TracedCandidate, TracedStage } from '../../core/trace.ts'

export interface RecordDeps {
  readonly database: Database
  readonly answers: Pick<Answers, 'insertTrace'>
  /** Into the audit log, with the trace. */
  readonly noteQuestion?: NoteQuestion
  readonly clock: () => Date
  /** A trace that cannot be written must not cost the reader the answer, nor the ledger what it used: told here instead. */
  readonly onError: (error: unknown) => void
}

type Detail = TracedStage['detail']
/** A candidate as the searches and the fusion left it. */
type Ranked = Omit<TracedCandidate, 'dropped' | 'fused' | 'place'> & { readonly score: number }

/** Collects what happened on the way to one answer, and writes it down once. */
export interface Trail {
  /** Runs a stage and notes how long it took and what it decided, also when it throws. */
  stage<Result>(
    name: string,
    work: () => Promise<Result> | Result,
    detail: (result: Result) => Detail,
  ): Promise<Result>
  /** A stage that streams is noted by its end. */
  note(name: string, since: number, detail: Detail): void
  candidates(chunks: readonly Ranked[]): void
  dropped(dropped: readonly { readonly chunkId: string; readonly reason: string }[]): void
  placed(chunks: readonly { readonly chunkId: string }[]): void
  model(name: string): void
  /** What is searched for, where it is not the question itself. */
  query(query: string): void
  usage(usage: TokenUsage): void
  cited(citations: readonly Citation[]): void
  /**
   * The trace and what the answer used, in one transaction. Only the first call writes, and no abort of the question
   * ends it. Throws when the usage of an answer cannot be kept: it must not be acknowledged then.
   */
  record(outcome: AnswerTrace['outcome']): Promise<void>
}

export function createTrail(
  deps: RecordDeps,
  question: Pick<AnswerTrace, 'query' | 'vectorStoreIds'> &
    Omit<AskedQuestion, 'outcome'> & { readonly tenantId: string },
  bill: Pick<Bill, 'settle' | 'settleAfter'>,
): Trail {
  const { tenantId, answerId, vectorStoreIds } = question
  const createdAt = deps.clock()
  const stages: TracedStage[] = []
  const reasons = new Map<string, string>()
  const places = new Map<string, number>()
  let ranked: readonly Ranked[] = []
  let { model, query } = question
  let cited: readonly Citation[] = []
  let usage: TokenUsage = { inputTokens: 0, outputTokens: 0 }
  let recorded = false

  const note: Trail['note'] = (name, since, detail) => {
    stages.push({ name, milliseconds: rounded(performance.now() - since), detail })
  }
  return {
    note,
    async stage(name, work, detail) {
      const since = performance.now()
      try {
        const result = await work()
        note(name, since, detail(result))
        return result
      } catch (error) {
        note(name, since, { failed: error instanceof AppError ? error.code : nameOf(error) })
        throw error
      }
    },
    candidates: (chunks) => {
      // Their texts and vectors are let go of: a thousand answers that wait for a model hold a thousand trails.
      ranked = chunks.map(withoutContent)
    },
    dropped: (dropped) => {
      for (const { chunkId, reason } of dropped) reasons.set(chunkId, reason)
    },
    placed: (chunks) => {
      chunks.forEach(({ chunkId }, place) => places.set(chunkId, place + 1))
    },
    model: (name) => {
      model = name
    },
    query: (rewritten) => {
      query = rewritten
    },
    usage: (counted) => {
      usage = counted
    },
    cited: (citations) => {
      cited = citations
    },
    async record(outcome) {
      if (recorded) return
      recorded = true
      const trace: AnswerTrace = {
        answerId,
        createdAt,
        question: question.question,
        query,
        vectorStoreIds,
        model,
        outcome,
        stages,
        candidates: ranked.map((chunk) => traced(chunk, places, reasons)),
        usage,
        citations: cited,
      }
      try {
        const note = await deps.noteQuestion?.(tenantId, { ...question, model, outcome })
        await deps.database.transact(tenantId, async (transaction) => {
          await deps.answers.insertTrace(transaction, trace)
          await note?.(transaction)
          await bill.settle(transaction)
        })
      } catch (error) {
        deps.onError(error)
        const acknowledged = outcome === 'answered' || outcome === 'abstained'
        // Nobody knows how a commit ended whose connection was lost: written again, it might be there twice.
        const unknown = error instanceof AppError && error.code === 'database_unavailable'
        if (unknown && acknowledged) throw error
        await bill.settleAfter(error).catch((unkept: unknown) => {
          deps.onError(unkept)
          if (acknowledged) throw unkept
        })
      }
    },
  }
}

function traced(
  chunk: Ranked,
  places: ReadonlyMap<string, number>,
  reasons: ReadonlyMap<string, string>,
): TracedCandidate {
  return {
    chunkId: chunk.chunkId,
    fileId: chunk.fileId,
    filename: chunk.filename,
    start: chunk.start,
    end: chunk.end,
    page: chunk.page,
    similarity: chunk.similarity,
    denseRank: chunk.denseRank,
    bm25: chunk.bm25,
    lexicalRank: chunk.lexicalRank,
    fused: chunk.score,
    place: places.get(chunk.chunkId) ?? null,
    dropped: reasons.get(chunk.chunkId) ?? null,
  }
}

function withoutContent(chunk: Ranked): Ranked {
  const { chunkId, fileId, filename, start, end, page, score } = chunk
  const { similarity, denseRank, bm25, lexicalRank } = chunk
  return {
    chunkId,
    fileId,
    filename,
    start,
    end,
    page,
    score,
    similarity,
    denseRank,
    bm25,
    lexicalRank,
  }
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100
}

/** `AbortError`, `TypeError`: what kind of failure, without what an internal message may hold. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}
