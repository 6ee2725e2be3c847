import type { WireModel } from '../../../contract/model.ts'
import type { ModelInfo } from '../../../core/model.ts'
import type { VectorStoreRecord } from '../../../core/ports/vector-stores.ts'
import { unixSeconds } from '../../unix-seconds.ts'

/** Models of the registry have no day of birth; clients only sort by it. */
const NO_DATE = 0

export function wireModel({ name, kind, ownedBy, contextTokens }: ModelInfo): WireModel {
  return {
    id: name,
    object: 'model',
    created: NO_DATE,
    owned_by: ownedBy,
    ragstone: { kind, context_tokens: contextTokens },
  }
}

/** For clients that can choose a model and nothing else: the store's documents, the default model. */
export function wireStoreModel({ id, name, createdAt }: VectorStoreRecord): WireModel {
  return {
    id,
    object: 'model',
    created: unixSeconds(createdAt),
    owned_by: 'ragstone',
    name,
    ragstone: { kind: 'vector_store', context_tokens: null },
  }
}
