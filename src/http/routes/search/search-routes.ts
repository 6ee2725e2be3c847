import { searchPage, searchRequest, type WireSearchRequest } from '../../../contract/search.ts'
import { vectorStoreParams } from '../../../contract/vector-store.ts'
import type { RankedChunk } from '../../../core/answer.ts'
import type { SearchRequest } from '../../../core/question.ts'
import { plainQuery } from '../../../answer/rewrite/plain-query.ts'
import { readRanking } from '../../ask/read-ranking.ts'
import { askedBy } from '../../asked-by.ts'
import { readFilter } from '../../filter-reader.ts'
import { invalidValue } from '../../request-error.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { withCall } from '../../with-call.ts'
import { wireSearchResult } from '../../wire-passage.ts'
import { findStore } from '../vector-stores/find-store.ts'
import { requireUnexpired } from '../../store-expiry.ts'

const DEFAULT_RESULTS = 10

export function searchRoutes(app: Routes, deps: RouteDeps): void {
  app.post(
    '/v1/vector_stores/:vector_store_id/search',
    {
      schema: {
        tags: ['Vector stores'],
        summary: 'Search a vector store',
        description: 'Best first. Each result is a passage with the bytes it came from.',
        params: vectorStoreParams,
        body: searchRequest,
        response: { 200: searchPage },
      },
      config: { scope: 'read', failures: [402], audit: 'question.search' },
    },
    async (request, reply) => {
      const { principal, params, body } = request
      const requests = readSearch(body, {
        ...askedBy(request),
        vectorStoreIds: [params.vector_store_id],
      })
      requireUnexpired(await findStore(deps, principal.tenantId, params.vector_store_id))
      const found = await withCall(deps.calls, reply, (signal) =>
        Promise.all(requests.map((each) => deps.search(each, signal))),
      )
      const limit = body.max_num_results ?? DEFAULT_RESULTS
      return {
        object: 'vector_store.search_results.page' as const,
        search_query: requests.map(({ text }) => text),
        data: merge(found).slice(0, limit).map(wireSearchResult),
        has_more: false,
        next_page: null,
      }
    },
  )
}

/** One search a query. */
function readSearch(
  body: WireSearchRequest,
  where: Pick<SearchRequest, 'caller' | 'limits' | 'tenantId' | 'vectorStoreIds'>,
): readonly SearchRequest[] {
  const { scoreThreshold = 0, ...ranking } = readRanking(body.ranking_options, 'ranking_options')
  const filter = readFilter(body.filters, 'filters')
  return [body.query].flat().map((text, index, { length }) => {
    const param = length === 1 ? 'query' : `query[${index}]`
    if (text.trim() === '') throw invalidValue(param, `'${param}' must not be blank.`)
    return {
      ...where,
      ...ranking,
      text: body.rewrite_query === true ? plainQuery(text) : text,
      filter,
      limit: body.max_num_results ?? DEFAULT_RESULTS,
      scoreThreshold,
    }
  })
}

/** A chunk found by several queries counts once, with its best score. One query's order is left as it is. */
function merge(found: readonly (readonly RankedChunk[])[]): readonly RankedChunk[] {
  const [only = []] = found
  if (found.length === 1) return only
  const best = new Map<string, RankedChunk>()
  for (const chunk of found.flat()) {
    const known = best.get(chunk.chunkId)
    if (known === undefined || known.score < chunk.score) best.set(chunk.chunkId, chunk)
  }
  return [...best.values()].toSorted((a, b) => b.score - a.score)
}
