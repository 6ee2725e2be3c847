import type { Logger } from 'pino'
import type { EmbeddingModel } from '../core/ports/embedding-model.ts'
import { AppError } from '../core/errors.ts'
import { modelNamed } from '../core/model.ts'
import type { SpaceState } from '../core/ports/embedding-migrations.ts'
import type { EmbeddingSpaces } from '../core/ports/embedding-spaces.ts'
import type { Signals } from '../core/ports/signals.ts'
import type { WriteModel } from '../core/ports/write-models.ts'
import { countedOn, writtenModels } from '../core/written-models.ts'
import type { Backend } from '../storage/backend.ts'
import { createMigrationWork } from '../storage/migration-work.ts'
import { settleServingSpace } from '../storage/serving-space.ts'
import type { Models } from './open-models.ts'
import { periodically } from './periodically.ts'

export interface OpenSpaces extends EmbeddingSpaces {
  stop(): Promise<void>
}

/** A hint that was lost is made up for. */
const EVERY_MS = 5_000
const RETRY_AFTER_MS = 5_000

/**
 * Which space serves is one row in the database, and each process has heard of it. One that has not heard yet embeds a
 * question by the model of the space that it still searches, which is written for as long as it is there.
 */
export async function openSpaces(deps: {
  readonly backend: Backend
  readonly models: Pick<Models, 'embedder' | 'embedders' | 'infos' | 'why'>
  readonly signals: Pick<Signals, 'listen'>
  readonly logger: Pick<Logger, 'error' | 'warn'>
}): Promise<OpenSpaces> {
  const { backend, models, signals, logger } = deps
  const work = createMigrationWork(backend.pool)
  if (models.embedder !== null) {
    const { id: model, dimensions } = models.embedder
    await settleServingSpace(backend.pool, { model, dimensions })
  }
  const { embedders } = models
  let state = await work.state()
  let asked = 0
  let heard = 0
  const refresh = async (): Promise<SpaceState> => {
    const turn = (asked += 1)
    const fresh = await work.state()
    // An older answer that comes later says nothing any more.
    if (turn > heard) {
      heard = turn
      if (fresh.serving?.model !== state.serving?.model) tell(fresh)
      state = fresh
    }
    return fresh
  }
  const onError = (error: unknown): void =>
    logger.error({ error }, 'the embedding spaces could not be looked at')
  const deafen = signals.listen((signal) => {
    if (signal.type === 'embedding-changed') refresh().catch(onError)
  })
  const round = periodically(async () => void (await refresh()), { everyMs: EVERY_MS, onError })
  tell(state)

  return {
    known: () => state,
    refresh,
    serving: () => servingOf(state),
    why: () => whyNot(state),
    spaceOf: (model) => state.spaces.find((space) => space.model === model)?.name ?? null,
    models: embedders,
    writeModels: async () => writeModelsOf(await work.state()),
    modelNamed(name) {
      const info = modelNamed(models.infos, name)
      const found = embedders.find(({ id }) => id === info?.name)
      if (found !== undefined) return found
      const ids = embedders.map(({ id }) => id).join(', ')
      throw new AppError(
        'model_not_found',
        `The configuration names no embedding model '${name}'. ${ids === '' ? 'It names none at all' : `There are ${ids}`}: add it to embedding.others, on every server and worker.`,
        { param: 'model' },
      )
    },
    async stop() {
      deafen()
      await round.stop()
    },
  }

  function tell(of: SpaceState): void {
    const why = whyNot(of)
    if (why !== null) logger.warn({ why }, 'search is by words alone')
  }

  function embedderOf(model: string | undefined): EmbeddingModel | null {
    return embedders.find(({ id }) => id === model) ?? null
  }

  function servingOf({ serving }: SpaceState): EmbeddingModel | null {
    return embedderOf(serving?.model)
  }

  function whyNot({ serving }: SpaceState): string | null {
    if (embedderOf(serving?.model) !== null) return null
    if (serving === null) return models.why ?? 'No embedding model serves yet.'
    return `The documents are embedded by ${serving.model}, which this process does not have. ${models.why ?? `Name it in embedding.others, or move to another with \`ragstone embeddings migrate --to MODEL\`.`}`
  }

  /** What a migration counts on must be there; the rest is embedded where it can be. */
  function writeModelsOf(of: SpaceState): readonly WriteModel[] {
    const required = countedOn(of)
    return writtenModels(of).flatMap((id) => {
      const embedder = embedderOf(id)
      if (embedder !== null) return [{ embedder, serves: id === of.serving?.model }]
      if (!required.includes(id)) return []
      throw new AppError(
        'provider_unavailable',
        `The documents are being embedded by ${id} too, which this process does not have: name it in embedding.others.`,
        { retryAfterMs: RETRY_AFTER_MS },
      )
    })
  }
}
