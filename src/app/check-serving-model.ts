import type { Finding } from '../cli/run-checks.ts'
import { findModelFiles } from '../providers/model-files.ts'
import { openAiCompatibleId } from '../providers/openai-compatible-embedder.ts'
import type { Backend } from '../storage/backend.ts'
import { SERVING_SPACE, type ServingSpace } from '../storage/migration-row.ts'
import type { Config } from './config.ts'

/** Whether the model that the documents are embedded by is one of the configuration. */
export async function checkServingModel(
  { pool }: Pick<Backend, 'pool'>,
  { embedding: { others, ...first } }: Pick<Config, 'embedding'>,
): Promise<Finding> {
  const { rows: tables } = await pool.query<{ present: boolean }>(
    `select to_regclass('embedding_serving') is not null as present`,
  )
  if (tables[0]?.present !== true) return { ok: true, detail: 'none has served yet' }
  const { rows } = await pool.query<ServingSpace>(SERVING_SPACE)
  const model = rows[0]?.model
  if (model === undefined) return { ok: true, detail: 'none has served yet' }
  const ids = await Promise.all([first, ...others].map(idOf))
  return ids.includes(model)
    ? { ok: true, detail: `${model} serves` }
    : {
        ok: false,
        detail: `the documents are embedded by ${model}, which this configuration does not have: search is by words alone`,
        advice:
          'Name it in embedding.others, or move to another with `ragstone embeddings migrate`; see docs/operations/re-embedding.md.',
      }
}

async function idOf({
  provider,
  model,
  dimensions,
  modelDirectory,
}: Omit<Config['embedding'], 'others'>): Promise<string | null> {
  if (provider === 'none') return null
  if (provider === 'openai-compatible')
    return dimensions === null ? null : openAiCompatibleId({ model, dimensions })
  const directories = modelDirectory === null ? [] : [modelDirectory]
  return (await findModelFiles({ directories, model }))?.model.id ?? null
}
