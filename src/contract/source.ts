import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'
import { limitUpTo, pageOf, pageQuery } from './page.ts'

const schedule = Type.Union(
  [
    Type.Object(
      {
        type: Type.Literal('interval'),
        every_seconds: Type.Integer({ minimum: 60, maximum: 31_536_000 }),
      },
      { additionalProperties: false },
    ),
    Type.Object(
      {
        type: Type.Literal('cron'),
        cron: Type.String({
          minLength: 1,
          maxLength: 200,
          description: 'Minute, hour, day, month, weekday.',
          examples: ['0 3 * * 1-5'],
        }),
        time_zone: Type.String({
          minLength: 1,
          maxLength: 100,
          description: 'In whose time it is read.',
          examples: ['Europe/Zurich'],
        }),
      },
      { additionalProperties: false },
    ),
  ],
  { description: 'When it is synced without being asked to; at most once a minute.' },
)

const name = Type.String({ minLength: 1, maxLength: 200 })
const anything = (description: string) =>
  Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true, description })
const settings = anything('What its kind asks for: see the list of kinds.')
const credentials = anything(
  'What opens it, as its kind asks for; kept encrypted, and given back by nothing.',
)
const deleteShare = Type.Number({
  minimum: 0,
  maximum: 1,
  default: 0.5,
  description:
    'A sync that would delete a larger share of the known documents, and more than five, is held until a person confirms it; so is one that finds nothing at all. 1 never asks, unless nothing at all was found.',
})

const numbers = {
  listed: Type.Integer({ description: 'Documents that the source named.' }),
  unchanged: Type.Integer(),
  added: Type.Integer(),
  changed: Type.Integer(),
  deleted: Type.Integer(),
  skipped: Type.Integer({ description: 'Left as they are by choice, with the reason.' }),
  failed: Type.Integer({ description: 'Could not be read or taken in; they stay as they were.' }),
  held: Type.Integer({ description: 'Would be deleted once a person confirms it.' }),
}

const cost = {
  cost: nullable(
    Type.Number({
      description: '0 for a model of the server’s own; null without a price.',
    }),
  ),
  currency: nullable(Type.String()),
}

export const sourceSync = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('source.sync'),
    source_id: Type.String(),
    vector_store_id: Type.String(),
    trigger: Type.Enum(['change', 'person', 'schedule'], {
      description: '`change` is what the source told by itself.',
    }),
    dry_run: Type.Boolean({ description: 'Nothing was written but this report.' }),
    whole: Type.Boolean({ description: 'False where only what had changed was looked at.' }),
    status: Type.Enum(['queued', 'running', 'completed', 'held', 'failed', 'cancelled']),
    counts: Type.Object(numbers, {
      description: 'Of a dry run: what would be. Most of them only when it is over.',
    }),
    bytes: Type.Integer({ description: 'Of what was added and changed.' }),
    estimate: nullable(
      Type.Object(
        {
          tokens: Type.Integer({ description: 'A quarter of the bytes.' }),
          model: nullable(
            Type.String({ description: 'Whose vectors are searched; null where none embeds.' }),
          ),
          ...cost,
          models: Type.Array(Type.Object({ model: Type.String(), ...cost }), {
            description: 'That would embed it: two while a migration from one to another is open.',
          }),
        },
        {
          description:
            'Of a dry run: what embedding would take. From the sizes of the files, so that PDFs and pictures make it too high.',
        },
      ),
    ),
    error: nullable(
      Type.Object(
        { code: Type.String(), message: Type.String() },
        {
          description: 'Why it failed, or is held.',
        },
      ),
    ),
    created_at: Type.Integer(),
    started_at: nullable(Type.Integer()),
    finished_at: nullable(Type.Integer()),
  },
  { title: 'SourceSync' },
)
export type WireSync = Static<typeof sourceSync>

export const source = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('source'),
    vector_store_id: Type.String(),
    name: Type.String(),
    kind: Type.String({ examples: ['folder'] }),
    settings,
    has_credentials: Type.Boolean(),
    schedule: nullable(schedule),
    delete_share: deleteShare,
    watched: Type.Boolean({ description: 'Whether it tells of changes itself.' }),
    status: Type.Enum(['active', 'paused', 'removing']),
    documents: Type.Integer({ description: 'That are known of it.' }),
    next_sync_at: nullable(Type.Integer()),
    last_sync: nullable(sourceSync),
    created_at: Type.Integer(),
  },
  { title: 'Source' },
)
export type WireSource = Static<typeof source>

export const sourceCreate = Type.Object(
  {
    vector_store_id: Type.String({ maxLength: 100 }),
    name,
    kind: Type.String({ minLength: 1, maxLength: 50, examples: ['folder'] }),
    settings,
    credentials: Type.Optional(nullable(credentials)),
    schedule: Type.Optional(nullable(schedule)),
    delete_share: Type.Optional(deleteShare),
    paused: Type.Optional(
      Type.Boolean({ default: false, description: 'Nothing is synced but by hand.' }),
    ),
  },
  { additionalProperties: false },
)
export type SourceCreate = Static<typeof sourceCreate>

export const sourceUpdate = Type.Object(
  {
    name: Type.Optional(name),
    settings: Type.Optional(settings),
    credentials: Type.Optional(nullable(credentials)),
    schedule: Type.Optional(nullable(schedule)),
    delete_share: Type.Optional(deleteShare),
  },
  { additionalProperties: false, minProperties: 1 },
)
export type SourceUpdate = Static<typeof sourceUpdate>

export const sourceParams = Type.Object({ source_id: Type.String({ maxLength: 100 }) })
export const syncParams = Type.Object({
  source_id: Type.String({ maxLength: 100 }),
  sync_id: Type.String({ maxLength: 100 }),
})

export const sourceListQuery = Type.Object(
  {
    vector_store_id: Type.Optional(Type.String({ maxLength: 100 })),
    kind: Type.Optional(Type.String({ maxLength: 50 })),
    ...pageQuery,
    limit: limitUpTo(100, 20),
  },
  { additionalProperties: false },
)
export const sourceList = pageOf(source)

export const sourceDeleteQuery = Type.Object(
  {
    documents: Type.Optional(
      Type.Enum(['leave', 'remove'], {
        default: 'leave',
        description: '`leave` keeps its documents in their store, `remove` takes them out.',
      }),
    ),
  },
  { additionalProperties: false },
)
export const sourceDeleted = Type.Object(
  { id: Type.String(), object: Type.Literal('source.deleted'), deleted: Type.Boolean() },
  { title: 'SourceDeleted' },
)

export const syncStart = Type.Object(
  {
    dry_run: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Says what a sync would do and what it would cost, and writes nothing.',
      }),
    ),
    keys: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 2_000 }), {
        minItems: 1,
        maxItems: 1_000,
        description: 'Looks at these documents alone.',
      }),
    ),
  },
  { additionalProperties: false },
)

export const syncListQuery = Type.Object(
  { ...pageQuery, limit: limitUpTo(100, 20) },
  { additionalProperties: false },
)
export const syncList = pageOf(sourceSync)

export const syncDocumentListQuery = Type.Object(
  {
    action: Type.Optional(Type.Enum(['added', 'changed', 'deleted', 'failed', 'held', 'skipped'])),
    after: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 2_000,
        description: 'The id after which the page begins.',
      }),
    ),
    limit: limitUpTo(1_000, 100),
  },
  { additionalProperties: false },
)
const syncDocument = Type.Object(
  {
    id: Type.String({ description: 'Its key in the source: a path, an address.' }),
    object: Type.Literal('source.sync.document'),
    action: Type.Enum(['added', 'changed', 'deleted', 'failed', 'held', 'skipped']),
    reason: nullable(
      Type.String({
        description:
          'Why it failed, was skipped or is held; of a changed one, that only its attributes are others.',
      }),
    ),
    file_id: nullable(Type.String()),
    bytes: nullable(Type.Integer()),
  },
  { title: 'SourceSyncDocument' },
)
export type WireSyncDocument = Static<typeof syncDocument>
export const syncDocumentList = pageOf(syncDocument)

export const sourceKindList = Type.Object(
  {
    object: Type.Literal('list'),
    data: Type.Array(
      Type.Object(
        {
          id: Type.String({ examples: ['folder'] }),
          object: Type.Literal('source.kind'),
          settings: anything('A JSON schema.'),
          credentials: nullable(anything('A JSON schema; null where nothing is secret.')),
        },
        { title: 'SourceKind' },
      ),
    ),
  },
  { title: 'SourceKindList' },
)
