import { Type, type Static } from 'typebox'
import { filterParam } from './filter.ts'
import { searchResult } from './passage.ts'

const weight = Type.Number({ minimum: 0, maximum: 100 })

export const rankingOptions = Type.Object(
  {
    ranker: Type.Optional(
      Type.Enum(['none', 'auto', 'default-2024-11-15'], {
        description: 'All mean the same here: reciprocal rank fusion of both searches.',
      }),
    ),
    score_threshold: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    hybrid_search: Type.Optional(
      Type.Object(
        { embedding_weight: weight, text_weight: weight },
        { additionalProperties: false, description: 'How much each search counts.' },
      ),
    ),
    mmr_lambda: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          'Chooses for variety too (maximal marginal relevance): 1 by relevance alone, 0 by difference alone. Not part of the OpenAI API.',
      }),
    ),
  },
  { additionalProperties: false },
)

const query = Type.String({ minLength: 1, maxLength: 8_000 })

export const searchRequest = Type.Object(
  {
    query: Type.Union([query, Type.Array(query, { minItems: 1, maxItems: 16 })], {
      description: 'A text, or up to 16 whose results are merged.',
    }),
    filters: Type.Optional(filterParam),
    max_num_results: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, default: 10 })),
    ranking_options: Type.Optional(rankingOptions),
    rewrite_query: Type.Optional(
      Type.Boolean({
        description:
          'Searches for what is asked without the words around it: "could you please tell me", "I would like to know". `search_query` shows what was searched.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type WireSearchRequest = Static<typeof searchRequest>

export const searchPage = Type.Object(
  {
    object: Type.Literal('vector_store.search_results.page'),
    search_query: Type.Array(Type.String()),
    data: Type.Array(searchResult),
    has_more: Type.Boolean(),
    next_page: Type.Null(),
  },
  { title: 'SearchPage' },
)
