import { searchableText } from '../core/chunk.ts'
import { AppError } from '../core/errors.ts'
import type { Caller } from '../core/caller.ts'
import { modelNamed, type ModelInfo } from '../core/model.ts'
import type { Database } from '../core/ports/database.ts'
import type { EmbeddingModel } from '../core/ports/embedding-model.ts'
import type {
  MigrationWork,
  MissingVectors,
  SampleChunk,
} from '../core/ports/embedding-migrations.ts'
import type { EmbeddingSpaces } from '../core/ports/embedding-spaces.ts'
import type { Spending } from '../limits/spending.ts'

export interface EstimateDeps {
  readonly database: Database
  readonly work: Pick<MigrationWork, 'bytesPerVector' | 'coverage'>
  readonly missing: Pick<MissingVectors, 'sample'>
  readonly spaces: EmbeddingSpaces
  readonly spending: Spending
  readonly models: readonly ModelInfo[]
  readonly listTenantIds: () => Promise<readonly string[]>
}

export interface MigrationEstimate {
  readonly from: string | null
  readonly to: string
  readonly dimensions: number
  readonly tenants: number
  readonly chunks: number
  readonly tokens: number
  /** Null where no price is configured. */
  readonly cost: { readonly amount: number; readonly currency: string } | null
  /** Of one job after the other; null where there is nothing to measure it on. */
  readonly seconds: number | null
  /** What the new space takes beside the old one. */
  readonly bytes: number
  /** For people. */
  readonly notes: readonly string[]
}

/** What a migration to the model would take: counted, and timed on a batch of the documents' own chunks. */
export type EstimateMigration = (
  asked: { readonly tenantId: string; readonly caller: Caller },
  model: string,
  signal: AbortSignal,
) => Promise<MigrationEstimate>

const SAMPLE = 32
/** Of tenants that are looked into for a sample. */
const MOST_TENANTS = 50

export function createEstimateMigration(deps: EstimateDeps): EstimateMigration {
  return async (asked, name, signal) => {
    const { spaces, work, models } = deps
    const embedder = spaces.modelNamed(name)
    const { serving } = await spaces.refresh()
    if (serving?.model === embedder.id)
      throw new AppError('conflict', `${embedder.id} serves already: there is nothing to migrate.`)
    const space = spaces.spaceOf(embedder.id) ?? NO_SUCH_SPACE
    const { tenants, chunks, tokens } = await work.coverage(space)
    const price = modelNamed(models, embedder.id)?.price ?? null
    const measured = await time(deps, { ...asked, embedder }, signal)
    return {
      from: serving?.model ?? null,
      to: embedder.id,
      dimensions: embedder.dimensions,
      tenants,
      chunks,
      tokens,
      cost:
        price === null
          ? null
          : { amount: (tokens / 1e6) * price.inputPerMillion, currency: price.currency },
      seconds: measured === null ? null : (measured.milliseconds / 1000 / measured.texts) * chunks,
      bytes: Math.round(chunks * (await bytesPerVector(deps, embedder))),
      notes: notesOn(deps, embedder, measured?.longest ?? 0),
    }
  }
}

/** The name of no space: nothing of it is counted. */
const NO_SUCH_SPACE = 'none'

async function time(
  { spending, ...deps }: EstimateDeps,
  of: { readonly tenantId: string; readonly caller: Caller; readonly embedder: EmbeddingModel },
  signal: AbortSignal,
) {
  const sample = await sampleOf(deps)
  if (sample.length === 0) return null
  const { tenantId, caller, embedder } = of
  const bill = await spending.open({
    tenantId,
    account: { caller, answerId: null },
    budgets: [],
    alternatives: [[{ model: embedder.id, inputTokens: 0, outputTokens: 0 }]],
  })
  const begun = performance.now()
  try {
    const texts = sample.map((chunk) => searchableText(chunk))
    await bill.meter.embedding(embedder, 'embed_again').embed(texts, { kind: 'passage', signal })
    const milliseconds = performance.now() - begun
    const longest = Math.max(...sample.map(({ tokens }) => tokens))
    return { milliseconds, texts: texts.length, longest }
  } finally {
    await bill.settleAlone()
  }
}

async function sampleOf({
  database,
  missing,
  listTenantIds,
}: Pick<EstimateDeps, 'database' | 'listTenantIds' | 'missing'>) {
  const tenantIds = await listTenantIds()
  const found: SampleChunk[] = []
  for (const tenantId of tenantIds.slice(0, MOST_TENANTS)) {
    if (found.length >= SAMPLE) break
    const limit = SAMPLE - found.length
    found.push(
      ...(await database.transact(tenantId, (transaction) => missing.sample(transaction, limit))),
    )
  }
  return found
}

/** Of a row with its keys, its part of the graph and of the two other indexes, besides twice two bytes a dimension. */
const BESIDES_NUMBERS = 600

async function bytesPerVector(
  { work, spaces }: EstimateDeps,
  { dimensions }: EmbeddingModel,
): Promise<number> {
  const { serving } = spaces.known()
  const known = spaces.serving()
  const measured = serving === null ? null : await work.bytesPerVector(serving.name)
  if (measured === null || known === null) return BESIDES_NUMBERS + 4 * dimensions
  return measured + 4 * (dimensions - known.dimensions)
}

function notesOn(
  { spaces }: EstimateDeps,
  { id, maxTokens }: EmbeddingModel,
  longest: number,
): readonly string[] {
  const { serving } = spaces.known()
  return [
    ...(longest > maxTokens
      ? [
          `${id} reads ${maxTokens} tokens of a chunk, and there are chunks of ${longest}: the rest of those is not searched by meaning.`,
        ]
      : []),
    ...(serving !== null && spaces.serving() === null
      ? [
          `Nobody here has ${serving.model}, whose vectors are searched: until the cut-over search is by words alone, and there is no way back after it.`,
        ]
      : []),
  ]
}
