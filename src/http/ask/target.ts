import { AppError } from '../../core/errors.ts'
import { modelNamed } from '../../core/model.ts'
import type { HttpDeps } from '../http-deps.ts'
import { notFound } from '../not-found.ts'
import { expiryOf, requireUnexpired } from '../store-expiry.ts'
import { listAllStores } from './all-stores.ts'

/** Who answers, over what. */
export interface Target {
  /** The registry's name; null takes the default. */
  readonly model: string | null
  readonly vectorStoreIds: readonly string[]
}

interface Asked {
  readonly model: string | null
  /** Null looks through the store that is named as the model, else through all. */
  readonly vectorStoreIds: readonly string[] | null
  /** Where the caller named the stores. */
  readonly param: string
}

/** Throws `model_not_found`, `resource_not_found`. */
export async function resolveTarget(
  deps: Pick<HttpDeps, 'database' | 'models' | 'vectorStores'>,
  tenantId: string,
  { model, vectorStoreIds, param }: Asked,
): Promise<Target> {
  const store = model !== null && model.startsWith('vs_') ? model : null
  if (store === null) requireChatModel(deps, model)
  const named = vectorStoreIds ?? (store === null ? null : [store])
  const ids =
    named === null
      ? await usableStores(deps, tenantId)
      : await checkStores(deps, tenantId, {
          named,
          param: vectorStoreIds === null ? 'model' : param,
        })
  return { model: store === null ? model : null, vectorStoreIds: ids }
}

function requireChatModel({ models }: Pick<HttpDeps, 'models'>, model: string | null): void {
  if (model === null) return
  const info = modelNamed(models, model)
  if (info !== undefined && info.kind !== 'embedding') return
  const shown = model.slice(0, 100)
  throw new AppError(
    'model_not_found',
    info === undefined
      ? `The model '${shown}' does not exist: GET /v1/models lists those that do.`
      : `The model '${shown}' turns texts into vectors; it cannot answer.`,
    { param: 'model' },
  )
}

async function usableStores(
  deps: Pick<HttpDeps, 'database' | 'vectorStores'>,
  tenantId: string,
): Promise<readonly string[]> {
  const now = new Date()
  const stores = await listAllStores(deps, tenantId)
  return stores.filter((store) => (expiryOf(store) ?? now) >= now).map(({ id }) => id)
}

async function checkStores(
  { database, vectorStores }: Pick<HttpDeps, 'database' | 'vectorStores'>,
  tenantId: string,
  { named, param }: { readonly named: readonly string[]; readonly param: string },
): Promise<readonly string[]> {
  const ids = [...new Set(named)]
  if (ids.length === 0) return ids
  const stores = await database.transact(
    tenantId,
    (transaction) => vectorStores.getAll(transaction, ids),
    { oneStatement: true },
  )
  for (const id of ids) {
    const store = stores.find((each) => each.id === id)
    if (store === undefined) throw notFound('vector store', id, param)
    requireUnexpired(store)
  }
  return ids
}
