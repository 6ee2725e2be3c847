import type { JobFilter, JobPage, JobRecord, Jobs } from '../core/ports/jobs.ts'
import type { Signals } from '../core/ports/signals.ts'
import type { ExecuteSql } from './execute-sql.ts'
import { JOB_COLUMNS, STATUS_SQL, tableId, toJobRecord, type JobRow } from './job-record.ts'
import { KEEP_SECONDS } from './job-table.ts'
import { createQueueStates } from './queue-states.ts'
import { sendWithin } from './send-within.ts'

export interface JobDeskDeps {
  readonly executeSql: ExecuteSql
  readonly schema: string
  readonly names: readonly string[]
  readonly signals: Pick<Signals, 'announce'>
}

/**
 * Looks at jobs and steers them. The table has no row-level security, being the library's: every statement here that is
 * not an operator's says whose jobs it is about, and takes the tenant from the transaction.
 */
export function createJobDesk(deps: JobDeskDeps): Jobs {
  const { executeSql, names, signals } = deps
  const job = `${deps.schema}.job`
  const queue = `${deps.schema}.queue`
  return {
    ...createQueueStates(deps),

    async list(transaction, filter, page) {
      const sql = createSql(names)
      const tenant = sql.bind(transaction.tenantId)
      const where = whereOf(sql, filter, tenant)
      const from = `${job} as job join ${queue} as queue on queue.name = job.name ${document(tenant)}`
      return readPage(sendWithin(transaction), { sql, where, from, columns: WORK, page, tenant })
    },

    async listAll(filter, page) {
      const sql = createSql(names)
      const where = whereOf(sql, filter, null)
      const from = `${job} as job join ${queue} as queue on queue.name = job.name`
      return readPage(executeSql, { sql, where, from, columns: '', page, tenant: null })
    },

    async lock(transaction, filter, limit) {
      const sql = createSql(names)
      const where = whereOf(sql, filter, sql.bind(transaction.tenantId))
      const { rows } = await sendWithin(transaction)(
        `select ${JOB_COLUMNS} from ${job} as job join ${queue} as queue on queue.name = job.name
         where ${where} order by job.created_on, job.id limit ${sql.bind(limit)} for update of job`,
        sql.values,
      )
      return (rows as JobRow[]).map(toJobRecord)
    },

    async cancel(transaction, ids) {
      const { rows } = await sendWithin(transaction)(
        `update ${job} set state = 'cancelled', completed_on = clock_timestamp(), heartbeat_on = null,
           retry_count = retry_count + 1
         where group_id = $1 and id = any($2::uuid[]) and state in ('created', 'retry', 'active', 'failed') returning id::text`,
        [transaction.tenantId, ids.flatMap((id) => tableId(id) ?? [])],
      )
      for (const { id } of rows as { id: string }[])
        signals.announce(transaction, { type: 'job-cancelled', jobId: id })
    },

    async replay(transaction, ids) {
      await sendWithin(transaction)(
        `update ${job} as job set state = 'created', completed_on = null, heartbeat_on = null, start_after = now(),
           keep_until = now() + interval '${KEEP_SECONDS} seconds', deletion_seconds = queue.deletion_seconds,
           retry_count = retry_count + 1, retry_limit = retry_count + 1 + queue.retry_limit,
           output = coalesce(output, '{}') || '{"failures": 0}'
         from ${queue} as queue
         where queue.name = job.name and group_id = $1 and id = any($2::uuid[]) and state in ('failed', 'cancelled')`,
        [transaction.tenantId, ids.flatMap((id) => tableId(id) ?? [])],
      )
      signals.announce(transaction, { type: 'job-sent' })
    },
  }

  async function readPage(
    execute: ExecuteSql,
    asked: {
      readonly sql: Sql
      readonly where: string
      readonly from: string
      readonly columns: string
      readonly page: JobPage
      readonly tenant: string | null
    },
  ): Promise<readonly JobRecord[] | null> {
    const { sql, from, columns, page, tenant } = asked
    const [sign, direction] = page.order === 'asc' ? ['>', 'asc'] : ['<', 'desc']
    let where = asked.where
    if (page.after !== null) {
      const id = tableId(page.after)
      if (id === null) return null
      const of = tenant === null ? '' : `and group_id = ${tenant}`
      const cursor = sql.bind(id)
      const { rows } = await execute(
        `select id from ${job} where id = $1::uuid ${tenant === null ? '' : 'and group_id = $2'}`,
        tenant === null ? [id] : [id, sql.values[Number(tenant.slice(1)) - 1]],
      )
      if (rows.length === 0) return null
      where += ` and (job.created_on, job.id) ${sign} (select created_on, id from ${job} where id = ${cursor}::uuid ${of})`
    }
    const { rows } = await execute(
      `select ${JOB_COLUMNS}${columns} from ${from}
       where ${where}
       order by job.created_on ${direction}, job.id ${direction} limit ${sql.bind(page.limit + 1)}`,
      sql.values,
    )
    return (rows as JobRow[]).map(toJobRecord)
  }
}

const WORK = `,
  files.filename, files.bytes, document.stage, document.stage_done, document.pages, document.pages_done,
  document.chunk_count, document.chunks_embedded,
  document.work_started_at, document.stage_started_at,
  source.name as source_name, sync.dry_run, sync.listed, sync.unchanged, (
    select count(*)::integer from source_documents
    where source_documents.tenant_id = source.tenant_id and source_id = source.id and source_documents.file_id is not null) as known,
  (select id from workers where job.id = any(running) order by seen_at desc limit 1) as worker`

const document = (tenant: string) => `
  left join documents as document on document.tenant_id = ${tenant}
    and document.vector_store_id = job.data ->> 'vectorStoreId' and document.file_id = job.data ->> 'fileId'
  left join files on files.tenant_id = ${tenant} and files.id = document.file_id
  left join source_syncs as sync on sync.tenant_id = ${tenant} and sync.id = job.data ->> 'syncId'
  left join sources as source on source.tenant_id = ${tenant} and source.id = sync.source_id`

interface Sql {
  readonly values: unknown[]
  readonly bind: (value: unknown) => string
  readonly names: string
}

function createSql(names: readonly string[]): Sql {
  const values: unknown[] = []
  const bind = (value: unknown) => `$${values.push(value)}`
  return { values, bind, names: bind(names) }
}

function whereOf(sql: Sql, filter: JobFilter, tenant: string | null): string {
  const { ids, statuses, kind, vectorStoreId, fileId, sourceId } = filter
  const { errorCode, vectorStoreIds } = filter
  const { bind } = sql
  const known = ids?.flatMap((id) => tableId(id) ?? [])
  return [
    `job.name = any(${sql.names}::text[])`,
    tenant !== null && `job.group_id = ${tenant}`,
    known !== undefined && `job.id = any(${bind(known)}::uuid[])`,
    statuses !== undefined && `(${statuses.map((status) => STATUS_SQL[status]).join(' or ')})`,
    kind !== undefined && `job.name = ${bind(kind)}`,
    vectorStoreId !== undefined && `job.data ->> 'vectorStoreId' = ${bind(vectorStoreId)}`,
    fileId !== undefined && `job.data ->> 'fileId' = ${bind(fileId)}`,
    sourceId !== undefined && `job.data ->> 'sourceId' = ${bind(sourceId)}`,
    errorCode !== undefined && `job.output -> 'last' ->> 'code' = ${bind(errorCode)}`,
    vectorStoreIds !== undefined &&
      vectorStoreIds !== null &&
      `job.data ->> 'vectorStoreId' = any(${bind(vectorStoreIds)}::text[])`,
  ]
    .filter((each) => each !== false)
    .join(' and ')
}
