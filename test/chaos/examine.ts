import type { Place } from '../end-to-end/erased-place.ts'
import { within } from '../end-to-end/erased-place.ts'
import { halfIndexed } from '../end-to-end/half-indexed.ts'
import type { ChaosDocument } from './draw-document.ts'

export interface Examination {
  /** Everything that is not as it should be: a sentence, or a row. Empty where all is well. */
  readonly faults: readonly (object | string)[]
  readonly indexed: number
  /** How many were given up, by their reason. */
  readonly dead: Readonly<Record<string, number>>
  readonly chunks: number
  readonly vectors: number
  /** Attempts that failed or were cut short. */
  readonly failures: number
}

interface DocumentRow {
  readonly file_id: string
  readonly status: string
  readonly error_code: string | null
  readonly job_state: string | null
  readonly job_code: string | null
  readonly jobs: number
  readonly failures: number
  readonly texts: string
}

/** What may have ended a good document: that is true of it too. */
const PASSING = ['provider_unavailable', 'rate_limited', 'worker_lost']

/** Compares every row that there is with what was put in, while nobody has the database open. */
export async function examine(
  place: Place,
  known: ReadonlyMap<string, ChaosDocument>,
): Promise<Examination> {
  const rows = await within(place, async (pool) => {
    const { rows: found } = await pool.query<DocumentRow>(`
      select d.file_id, d.status, d.error_code, min(j.state::text) as job_state, min(j.output -> 'last' ->> 'code') as job_code,
        count(j.id)::int as jobs, coalesce(sum((j.output ->> 'failures')::int), 0)::int as failures,
        coalesce((select string_agg(c.text, ' ') from chunks c where c.tenant_id = d.tenant_id and c.file_id = d.file_id), '') as texts
      from documents d
      left join pgboss.job j on j.name = 'ingest-document' and j.group_id = d.tenant_id
        and j.data ->> 'vectorStoreId' = d.vector_store_id and j.data ->> 'fileId' = d.file_id
      group by d.tenant_id, d.vector_store_id, d.file_id`)
    return found
  })
  const totals = await countAll(place)
  const dead: Record<string, number> = {}
  for (const { error_code: code } of rows.filter(({ status }) => status === 'failed'))
    dead[code ?? 'none'] = (dead[code ?? 'none'] ?? 0) + 1
  return {
    faults: [
      ...(await halfIndexed(place)),
      ...totals.faults,
      ...rows.flatMap((row) => faultsOf(row, known.get(row.file_id))),
      ...[...known.keys()]
        .filter((id) => !rows.some(({ file_id: fileId }) => fileId === id))
        .map((id) => `${id} was acknowledged and is gone.`),
    ],
    indexed: rows.filter(({ status }) => status === 'completed').length,
    dead,
    chunks: totals.chunks,
    vectors: totals.vectors,
    failures: rows.reduce((sum, { failures }) => sum + failures, 0),
  }
}

function faultsOf(row: DocumentRow, document: ChaosDocument | undefined): readonly string[] {
  const { file_id: id, status, error_code: code, texts } = row
  if (document === undefined) return [`${id} was never acknowledged and is a document.`]
  const what = `${id} (${document.filename})`
  const ended = status === 'completed' ? 'completed' : 'failed'
  const says = (isWrong: boolean, fault: string) => (isWrong ? [`${what} ${fault}`] : [])
  const isTrue =
    document.fault === null
      ? status === 'completed' || PASSING.includes(code ?? '')
      : status === 'failed' && (code === document.fault || code === 'worker_lost')
  return [
    ...says(!isTrue, `is ${status} (${code}) in place of ${document.fault ?? 'indexed'}.`),
    ...says(row.jobs !== 1, `has ${row.jobs} jobs.`),
    ...says(row.job_state !== ended, `is ${status}, and its job ${row.job_state}.`),
    ...says(ended === 'failed' && row.job_code !== code, `says ${code}, its job ${row.job_code}.`),
    ...says(
      status === 'completed' && !new RegExp(`${document.word}\\b`).test(texts),
      'has chunks without its own word.',
    ),
  ]
}

interface Totals {
  readonly chunks: number
  readonly counted: number
  readonly vectors: number
  readonly doubled: number
  readonly stray: number
  readonly unsettled: number
}

async function countAll(place: Place): Promise<{
  readonly faults: readonly string[]
  readonly chunks: number
  readonly vectors: number
}> {
  const totals = await within(place, async (pool) => {
    const { rows: spaces } = await pool.query<{ name: string }>('select name from embedding_spaces')
    const { rows } = await pool.query<Totals>(`select
      (select count(*)::int from chunks) as chunks,
      (select coalesce(sum(chunk_count), 0)::int from documents where status = 'completed') as counted,
      (select count(*)::int from vectors_${spaces[0]?.name}) as vectors,
      (select count(*)::int from (select from chunks group by tenant_id, vector_store_id, file_id, ordinal having count(*) > 1) as twice) as doubled,
      (select count(*)::int from chunks c where not exists (
        select from documents d where d.tenant_id = c.tenant_id and d.vector_store_id = c.vector_store_id and d.file_id = c.file_id)) as stray,
      (select count(*)::int from pgboss.job where name = 'ingest-document' and state not in ('completed', 'failed', 'cancelled')) as unsettled`)
    return rows[0]
  })
  if (totals === undefined) throw new Error('Nothing was counted.')
  const { chunks, counted, vectors, doubled, stray, unsettled } = totals
  const faults = [
    ...(chunks === counted ? [] : [`${chunks} chunks where documents count ${counted}.`]),
    ...(chunks === vectors ? [] : [`${vectors} vectors for ${chunks} chunks.`]),
    ...(doubled === 0 ? [] : [`${doubled} chunks are there twice.`]),
    ...(stray === 0 ? [] : [`${stray} chunks are of no document.`]),
    ...(unsettled === 0 ? [] : [`${unsettled} jobs are left over.`]),
  ]
  return { faults, chunks, vectors }
}
