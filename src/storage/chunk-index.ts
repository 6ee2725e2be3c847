import type { Candidate } from '../core/answer.ts'
import type { Attributes } from '../core/filter.ts'
import { SpaceGone } from '../core/embedding-space.ts'
import type { ChunkIndex } from '../core/ports/chunk-index.ts'
import { toPlacedChunk, type PlacedChunkRow } from './chunk-row.ts'
import { fromHalfVector } from './half-vector.ts'
import { searchStatement, type TenantPlace } from './search-statement.ts'
import { spaceTable } from './space-table.ts'

/** Names the embedding space of a model; null where there is none. */
export type SpaceOf = (model: string) => string | null

/** `space` names the embedding space that is searched, whatever the model, or of each model its own; null searches by words alone. */
export function createChunkIndex({
  space,
}: {
  readonly space: SpaceOf | string | null
}): ChunkIndex {
  const spaceOf: SpaceOf = typeof space === 'function' ? space : () => space
  if (typeof space === 'string') spaceTable(space)
  const places = createPlaces()

  return {
    async search(transaction, query) {
      const { tenantId } = transaction
      const space = query.model === null ? null : spaceOf(query.model)
      const vectors = space === null ? null : spaceTable(space)
      const statement = searchStatement(tenantId, query, { vectors, place: places.of(tenantId) })
      if (statement === null) return []
      const rows = await transaction
        .query<CandidateRow>(statement.text, statement.values, statement)
        .catch((error: unknown) => {
          throw query.model !== null && isUndefinedTable(error)
            ? new SpaceGone(query.model, error)
            : error
        })
      const place = rows[0]?.place ?? null
      if (place !== null) places.learn(tenantId, place)
      return rows.map(toCandidate)
    },
  }
}

/** SQLSTATE: there is no such table. Of those that a search names, only that of the vectors ever goes. */
const isUndefinedTable = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === '42P01'

const MAX_KNOWN = 10_000

/**
 * The first search of a tenant that finds something tells where the tenant's chunks lie, which never changes. How much of
 * everything is the tenant's does: it is asked again after a while.
 */
function createPlaces() {
  const known = new Map<string, { readonly place: TenantPlace; uses: number }>()
  return {
    of(tenantId: string): TenantPlace | null {
      const found = known.get(tenantId)
      if (found === undefined) return null
      found.uses += 1
      if (found.uses >= ASK_AGAIN_AFTER) known.delete(tenantId)
      return found.place
    },
    learn(tenantId: string, place: TenantPlace) {
      if (known.size >= MAX_KNOWN) known.clear()
      known.set(tenantId, { place, uses: 0 })
    },
  }
}

/** Searches of one tenant. */
const ASK_AGAIN_AFTER = 1_000

interface CandidateRow extends PlacedChunkRow {
  readonly id: string
  readonly attributes: Attributes
  readonly title: string | null
  readonly similarity: number | null
  readonly bm25: number | null
  readonly vector: Buffer | null
  readonly place: TenantPlace | null
}

function toCandidate(row: CandidateRow): Candidate {
  return {
    chunkId: row.id,
    ...toPlacedChunk(row),
    attributes: row.attributes,
    title: row.title,
    ...(row.later_pages.length === 0 ? {} : { laterPages: row.later_pages }),
    ...(row.origin_text === null ? {} : { originText: row.origin_text }),
    similarity: row.similarity,
    bm25: row.bm25,
    vector: row.vector === null ? null : fromHalfVector(row.vector),
  }
}
