import { AppError } from './errors.ts'

/** The vectors of one embedding model. */
export interface EmbeddingSpace {
  /** Part of the name of its table. */
  readonly name: string
  /** The model's id. */
  readonly model: string
}

/** One that whatever is indexed now goes into. */
export interface WrittenSpace extends EmbeddingSpace {
  /** A chunk without its vector in it may not be written: somebody counts on them being complete. */
  readonly required: boolean
}

/** By the model's id, one vector a chunk. Empty keeps words alone. */
export type VectorsByModel = ReadonlyMap<string, readonly Float32Array[]>

/** The spaces that are written are others than those that vectors were made for: make them, and try again. */
export class SpacesChanged extends AppError {
  readonly models: readonly string[]

  constructor(models: readonly string[]) {
    super(
      'conflict',
      `What is indexed now needs vectors of ${models.join(' and ')} too, because the documents are being embedded anew; try again.`,
      { retryAfterMs: 200 },
    )
    this.models = models
  }
}

/** The space that was to be searched has been dropped: the question is to be embedded by the model that serves now. */
export class SpaceGone extends AppError {
  readonly model: string

  constructor(model: string, cause: unknown) {
    super('conflict', `The vectors of ${model} are gone; ask again.`, { retryAfterMs: 100, cause })
    this.model = model
  }
}
