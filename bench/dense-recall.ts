import { createChunkIndex } from '../src/storage/chunk-index.ts'
import { createDatabase } from '../src/storage/database.ts'
import type { FilledDatabase } from './corpus/fill-database.ts'
import type { AskedQuestion, RealCorpus } from './corpus/passages.ts'
import { synthesise } from './corpus/synthesise.ts'

export interface DenseRecall {
  readonly questions: number
  /** Of the truly nearest 10 and 100, the share that the index finds among its 100. */
  readonly recall10: number
  readonly recall100: number
}

interface Neighbour {
  readonly id: number
  readonly similarity: number
}

/** The dense search against comparing every vector, in the database's one tenant. */
export async function measureDenseRecall(of: {
  readonly filled: FilledDatabase
  readonly real: RealCorpus
  readonly chunks: number
}): Promise<DenseRecall> {
  const questions = of.real.questions.slice(0, of.chunks > 200_000 ? 20 : 50)
  const exact = nearestOf(questions, of)
  const database = createDatabase(of.filled.backend)
  const index = createChunkIndex({ space: of.filled.space })
  const [tenant] = of.filled.tenants
  if (tenant === undefined) throw new Error('There is no tenant.')
  const shares: { ten: number; hundred: number }[] = []
  for (const [place, { vector }] of questions.entries()) {
    const found = await database.transact(tenant.id, (transaction) =>
      index.search(transaction, {
        vectorStoreIds: [tenant.storeId],
        filter: null,
        text: '',
        model: of.real.model,
        vector,
        candidates: 100,
      }),
    )
    const ids = new Set(found.map(({ chunkId }) => Number(chunkId)))
    const nearest = (exact[place] ?? []).map(({ id }) => id)
    const share = (count: number) =>
      nearest.slice(0, count).filter((id) => ids.has(id)).length / Math.min(count, nearest.length)
    shares.push({ ten: share(10), hundred: share(100) })
  }
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    questions: questions.length,
    recall10: mean(shares.map(({ ten }) => ten)),
    recall100: mean(shares.map(({ hundred }) => hundred)),
  }
}

/** The same passages in the same order as were loaded: the first has the id 1. */
function nearestOf(
  questions: readonly AskedQuestion[],
  { real, chunks }: { readonly real: RealCorpus; readonly chunks: number },
): readonly (readonly Neighbour[])[] {
  const best: Neighbour[][] = questions.map(() => [])
  let id = 0
  for (const { vector } of synthesise(real.passages, { count: chunks })) {
    id += 1
    for (const [place, question] of questions.entries())
      keep(best[place] ?? [], { id, similarity: dot(vector, question.vector) })
  }
  return best
}

const KEPT = 100

function keep(list: Neighbour[], neighbour: Neighbour): void {
  const last = list[KEPT - 1]
  if (last !== undefined && last.similarity >= neighbour.similarity) return
  const at = list.findIndex(({ similarity }) => similarity < neighbour.similarity)
  list.splice(at === -1 ? list.length : at, 0, neighbour)
  if (list.length > KEPT) list.pop()
}

function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0
  for (let at = 0; at < left.length; at += 1) sum += (left[at] ?? 0) * (right[at] ?? 0)
  return sum
}
