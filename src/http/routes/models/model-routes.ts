import { model, modelList, modelParams } from '../../../contract/model.ts'
import { AppError } from '../../../core/errors.ts'
import { modelNamed } from '../../../core/model.ts'
import { listAllStores } from '../../ask/all-stores.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { wireModel, wireStoreModel } from './wire-model.ts'

export function modelRoutes(app: Routes, deps: RouteDeps): void {
  const { database, vectorStores, models } = deps

  app.get(
    '/v1/models',
    {
      schema: {
        tags: ['Models'],
        summary: 'List models',
        description: 'The registry, then each vector store as a model of its own.',
        response: { 200: modelList },
      },
      config: { scope: 'any' },
    },
    async ({ principal }) => {
      const stores = await listAllStores(deps, principal.tenantId)
      return {
        object: 'list' as const,
        data: [...models.map(wireModel), ...stores.map(wireStoreModel)],
      }
    },
  )

  app.get(
    '/v1/models/:model',
    {
      schema: {
        tags: ['Models'],
        summary: 'Retrieve a model',
        params: modelParams,
        response: { 200: model },
      },
      config: { scope: 'any' },
    },
    async ({ principal, params }) => {
      const info = modelNamed(models, params.model)
      if (info !== undefined) return wireModel(info)
      const store = await database.transact(principal.tenantId, (transaction) =>
        vectorStores.get(transaction, params.model),
      )
      if (store === null) {
        throw new AppError('model_not_found', `There is no model '${params.model}'.`, {
          param: 'model',
        })
      }
      return wireStoreModel(store)
    },
  )
}
