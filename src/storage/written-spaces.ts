import {
  SpacesChanged,
  type EmbeddingSpace,
  type VectorsByModel,
  type WrittenSpace,
} from '../core/embedding-space.ts'
import type { Transaction } from '../core/ports/database.ts'
import { spaceTable } from './space-table.ts'

/** The spaces that whatever is indexed in the transaction goes into. To be asked before anything is locked. */
export type ReadWrittenSpaces = (transaction: Transaction) => Promise<readonly WrittenSpace[]>

/** One space whatever happens, or, where it is null, words alone; or what the database says in each transaction. */
export type SpacesOption = EmbeddingSpace | ReadWrittenSpaces | null

export const readWrittenSpaces: ReadWrittenSpaces = (transaction) =>
  transaction.query<WrittenSpace>('select name, model, required from written_spaces()')

export function spacesReader(space: SpacesOption): ReadWrittenSpaces {
  if (typeof space === 'function') return space
  const spaces = space === null ? [] : [{ ...space, required: false }]
  for (const { name } of spaces) spaceTable(name)
  return async () => spaces
}

export interface SpaceVectors {
  readonly space: string
  readonly table: string
  readonly vectors: readonly Float32Array[]
}

/** What goes where. Vectors for a space that is written no longer go nowhere. Throws `SpacesChanged`. */
export function intoSpaces(
  spaces: readonly WrittenSpace[],
  vectors: VectorsByModel,
): readonly SpaceVectors[] {
  const lacking = spaces.filter(({ model, required }) => required && !vectors.has(model))
  if (lacking.length > 0) throw new SpacesChanged(lacking.map(({ model }) => model))
  return spaces.flatMap(({ name, model }) => {
    const made = vectors.get(model)
    return made === undefined ? [] : [{ space: name, table: spaceTable(name), vectors: made }]
  })
}
