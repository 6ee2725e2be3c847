import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'
import { limitUpTo, pageOf, pageQuery } from './page.ts'

const STATUSES = [
  'queued',
  'running',
  'retrying',
  'suspended',
  'completed',
  'dead',
  'cancelled',
] as const

const failure = Type.Object({
  code: Type.String({ description: 'As in `error_code` of a file of a vector store.' }),
  message: Type.String(),
  at: Type.String({ description: 'ISO 8601, UTC.' }),
})

const progress = Type.Object({
  stage: Type.Enum(['queued', 'parse', 'chunk', 'embed', 'index']),
  stage_done: nullable(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description:
        'How far this stage is. Null where that cannot be said: some formats are read by what does not tell.',
    }),
  ),
  bytes: Type.Object(
    { total: Type.Integer(), done: Type.Integer() },
    { description: 'Of the file; done are those that are parsed.' },
  ),
  pages: nullable(
    Type.Integer({ description: '0 for what has no pages; null until they are counted.' }),
  ),
  pages_done: nullable(Type.Integer({ description: 'Parsed; null while `pages` is.' })),
  chunks: Type.Object({ total: Type.Integer(), done: Type.Integer() }),
  bytes_per_second: nullable(
    Type.Number({
      description: 'Of the file, at which this stage goes through it: while it is parsed and cut.',
    }),
  ),
  chunks_per_second: nullable(Type.Number({ description: 'Since this stage began.' })),
  seconds_running: nullable(Type.Number({ description: 'Since this attempt began.' })),
  seconds_left: nullable(
    Type.Number({
      description:
        'An estimate: from the pace of the embedding; before it from the mean of what was completed lately, and at least what the stage will take at its pace; in the queue from how much is before it. Null where there is nothing to go by.',
    }),
  ),
})

const sync = Type.Object({
  source_name: Type.String(),
  dry_run: Type.Boolean(),
  listed: Type.Integer({ description: 'Documents that its source has named so far.' }),
  unchanged: Type.Integer(),
  known: Type.Integer({ description: 'Documents that are known of the source.' }),
  listed_per_second: nullable(Type.Number({ description: 'Since this attempt began.' })),
  seconds_left: nullable(
    Type.Number({
      description: 'An estimate: as if the source had as many documents as are known of it.',
    }),
  ),
})

export const job = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('job'),
    kind: Type.String({ examples: ['ingest-document', 'sync-source'] }),
    tenant_id: Type.String(),
    status: Type.Enum(STATUSES),
    priority: Type.Enum(['interactive', 'batch', 'sync']),
    vector_store_id: nullable(Type.String()),
    file_id: nullable(Type.String()),
    filename: nullable(Type.String()),
    source_id: nullable(Type.String({ description: 'Of a sync: the source.' })),
    sync_id: nullable(Type.String({ description: 'Of a sync: where its report is.' })),
    attempts: Type.Integer({ description: 'Begun, since the job was made or replayed.' }),
    max_attempts: Type.Integer(),
    last_error: nullable(failure),
    errors: Type.Array(failure, { description: 'Of the newest attempts, oldest first.' }),
    created_at: Type.Integer(),
    started_at: nullable(Type.Integer({ description: 'Of the latest attempt.' })),
    finished_at: nullable(Type.Integer()),
    due_at: nullable(Type.Integer({ description: 'When the next attempt may begin.' })),
    worker_id: nullable(Type.String()),
    progress: nullable(progress),
    sync: nullable(sync),
  },
  { title: 'Job' },
)
export type WireJob = Static<typeof job>

export const jobList = pageOf(job)
export const jobParams = Type.Object({ job_id: Type.String({ maxLength: 100 }) })
export const jobQuery = Type.Object(
  {
    stream: Type.Optional(
      Type.Boolean({
        description:
          'Server-sent events: `job.progress` at once and whenever something changes, then `job.ended`.',
      }),
    ),
  },
  { additionalProperties: false },
)

const kind = Type.String({ maxLength: 100, examples: ['ingest-document'] })
const errorCode = Type.String({ maxLength: 100, description: 'Of the last failure.' })
const tenants = Type.Optional(
  Type.Literal('all', { description: 'Of every tenant: for the scope `operator`.' }),
)

export const jobListQuery = Type.Object(
  {
    status: Type.Optional(Type.Enum(STATUSES)),
    kind: Type.Optional(kind),
    vector_store_id: Type.Optional(Type.String({ maxLength: 100 })),
    file_id: Type.Optional(Type.String({ maxLength: 100 })),
    error_code: Type.Optional(errorCode),
    tenants,
    after: pageQuery.after,
    order: pageQuery.order,
    limit: limitUpTo(100, 20),
  },
  { additionalProperties: false },
)
export type JobListQuery = Static<typeof jobListQuery>

export const jobReplay = Type.Object(
  {
    job_ids: Type.Optional(
      Type.Array(Type.String({ maxLength: 100 }), { minItems: 1, maxItems: 100 }),
    ),
    kind: Type.Optional(kind),
    vector_store_id: Type.Optional(Type.String({ maxLength: 100 })),
    error_code: Type.Optional(errorCode),
    all: Type.Optional(
      Type.Literal(true, { description: 'Every dead job, where nothing else is named.' }),
    ),
  },
  { additionalProperties: false },
)
export type JobReplay = Static<typeof jobReplay>

export const jobsReplayed = Type.Object(
  {
    object: Type.Literal('jobs.replayed'),
    replayed: Type.Integer(),
    dismissed: Type.Integer({
      description: 'Their documents are gone, or were indexed by another job.',
    }),
  },
  { title: 'JobsReplayed' },
)

export const queueQuery = Type.Object({ tenants }, { additionalProperties: false })

export const queueReport = Type.Object(
  {
    object: Type.Literal('queue'),
    kinds: Type.Array(
      Type.Object({
        kind: Type.String(),
        queued: Type.Integer(),
        retrying: Type.Integer(),
        suspended: Type.Integer({ description: 'Of a tenant that is suspended.' }),
        running: Type.Integer(),
        dead: Type.Integer(),
        oldest_seconds: nullable(Type.Number({ description: 'Of the oldest job that is due.' })),
        completed_per_minute: Type.Number({ description: 'In the last five minutes.' }),
        mean_seconds: nullable(Type.Number({ description: 'Of an attempt, in that time.' })),
      }),
    ),
    workers_alive: Type.Integer(),
    workers: nullable(
      Type.Array(
        Type.Object({
          id: Type.String(),
          kind: Type.Enum(['server', 'worker']),
          status: Type.Enum(['alive', 'stopping', 'lost']),
          host: Type.String(),
          pid: Type.Integer(),
          version: Type.String(),
          slots: Type.Integer({ description: 'Jobs that it works on at once.' }),
          running: Type.Array(Type.String({ description: 'Id of a job.' })),
          started_at: Type.Integer(),
          seen_at: Type.Integer({ description: 'Its last heartbeat.' }),
        }),
        { description: 'With `tenants=all`; null without.' },
      ),
    ),
  },
  { title: 'Queue' },
)
export type WireQueue = Static<typeof queueReport>
