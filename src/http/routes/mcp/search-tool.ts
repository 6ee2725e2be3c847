import {
  searchToolInput,
  searchToolOutput,
  type FoundDocument,
} from '../../../contract/mcp-tools.ts'
import type { RankedChunk } from '../../../core/answer.ts'
import { resolveTarget } from '../../ask/target.ts'
import type { Asked } from '../../asked-by.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { invalidValue } from '../../request-error.ts'
import { documentId } from './document-id.ts'
import { findDocuments, nameDocument } from './named-documents.ts'
import { defineTool, type Tool } from './tool.ts'

const MOST_DOCUMENTS = 10
/** Several passages of one document count as one result. */
const MOST_PASSAGES = 40

/** In the form that ChatGPT's connectors and deep research ask for; `text` and `metadata` are additions. */
export function searchTool(deps: HttpDeps): Tool {
  return defineTool({
    name: 'search',
    title: 'Search documents',
    description:
      "Searches the organisation's own documents, by meaning and by words. Gives the documents that say something about the query, best first, each with its best passage. Use `fetch` with an id to read a document.",
    scope: 'read',
    input: searchToolInput,
    output: searchToolOutput,
    async run({ query }, { asked, tenantId, origin, signal }) {
      if (query.trim() === '') throw invalidValue('query', "'query' must not be blank.")
      const passages = await searchAll(deps, { asked, text: query }, signal)
      const groups = groupByFile(passages).slice(0, MOST_DOCUMENTS)
      const best = groups.map(({ first }) => first)
      const documents = await findDocuments(deps, tenantId, best)
      const results = groups.flatMap(({ first, all }): FoundDocument[] => {
        const document = documents.get(documentId(first))
        if (document === undefined) return []
        return [
          { ...nameDocument(document, origin), text: first.text, metadata: describe(first, all) },
        ]
      })
      return { results }
    },
  })
}

async function searchAll(
  deps: HttpDeps,
  { asked, text }: { readonly asked: Asked; readonly text: string },
  signal: AbortSignal,
): Promise<readonly RankedChunk[]> {
  const everywhere = { model: null, vectorStoreIds: null, param: 'query' }
  const { vectorStoreIds } = await resolveTarget(deps, asked.tenantId, everywhere)
  if (vectorStoreIds.length === 0) return []
  return deps.search(
    {
      ...asked,
      vectorStoreIds,
      text,
      filter: null,
      limit: MOST_PASSAGES,
      scoreThreshold: 0,
    },
    signal,
  )
}

interface Group {
  /** The best passage. */
  readonly first: RankedChunk
  readonly all: RankedChunk[]
}

/** A file that is in several stores is one result: in the store where it was found first. */
function groupByFile(passages: readonly RankedChunk[]): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const passage of passages) {
    const group = groups.get(passage.fileId)
    if (group === undefined) groups.set(passage.fileId, { first: passage, all: [passage] })
    else if (group.first.vectorStoreId === passage.vectorStoreId) group.all.push(passage)
  }
  return [...groups.values()]
}

function describe(first: RankedChunk, all: readonly RankedChunk[]): FoundDocument['metadata'] {
  return {
    vector_store_id: first.vectorStoreId,
    file_id: first.fileId,
    filename: first.filename,
    score: first.score,
    passages: all.map(({ start, end, page, headings, score }) => ({
      start,
      end,
      page,
      headings: [...headings],
      score,
    })),
  }
}
