import { Type, type Static } from 'typebox'

interface Range {
  readonly minimum?: number
  readonly maximum?: number
}

const staticStrategy = (size: Range, overlap: Range) =>
  Type.Object(
    {
      type: Type.Literal('static'),
      static: Type.Object(
        {
          max_chunk_size_tokens: Type.Integer({ ...size }),
          chunk_overlap_tokens: Type.Integer({ ...overlap }),
        },
        { additionalProperties: false },
      ),
    },
    { additionalProperties: false },
  )

/** As a caller states it; sizes in tokens of the embedding model, the overlap at most half of the size. */
export const chunkingStrategyParam = Type.Union(
  [
    Type.Object({ type: Type.Literal('auto') }, { additionalProperties: false }),
    staticStrategy({ minimum: 100, maximum: 4096 }, { minimum: 0, maximum: 2048 }),
  ],
  { description: '`{ type: "auto" }`, or `{ type: "static", static: { … } }`.' },
)
export type ChunkingStrategyParam = Static<typeof chunkingStrategyParam>

/** As it is given back: what was really used. */
export const chunkingStrategy = staticStrategy({}, {})
