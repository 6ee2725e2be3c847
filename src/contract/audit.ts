import { Type, type Static } from 'typebox'
import { nullable } from './nullable.ts'
import { limitUpTo, pageOf, pageQuery } from './page.ts'

const outcome = Type.Enum(['done', 'failed', 'refused'])
const log = Type.Optional(
  Type.Enum(['tenant', 'server'], {
    default: 'tenant',
    description:
      '`server` is what belongs to no tenant, like keys that nobody knows; it needs the scope `operator`.',
  }),
)
const moment = (description: string) =>
  Type.Optional(
    Type.String({
      pattern: String.raw`^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))?$`,
      description,
    }),
  )
const word = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 200, description }))

export const auditQuery = Type.Object(
  {
    after: pageQuery.after,
    before: pageQuery.before,
    order: pageQuery.order,
    limit: limitUpTo(1000, 100),
    log,
    action: word('`file.delete`, or `file.*` for all that begins so.'),
    actor: word('The id of a key or a person.'),
    target: word('The id of what it was done to.'),
    outcome: Type.Optional(outcome),
    request_id: word('`req_…`.'),
    address: word('An IP address.'),
    since: moment('A day or a time of ISO 8601: not before it.'),
    until: moment('Before it.'),
  },
  { additionalProperties: false },
)
export type AuditQuery = Static<typeof auditQuery>

const auditEntry = Type.Object(
  {
    object: Type.Literal('audit.entry'),
    id: Type.String(),
    tenant_id: Type.String(),
    at: Type.String({ description: 'UTC, to the microsecond.' }),
    action: Type.String({ description: 'Noun and verb, like `file.delete`.' }),
    actor: Type.Object({
      kind: Type.Enum(['anonymous', 'key', 'operator', 'service', 'system', 'user']),
      id: nullable(Type.String()),
    }),
    target: nullable(Type.String({ description: 'The id of what it was done to.' })),
    outcome,
    request_id: nullable(Type.String()),
    address: nullable(Type.String()),
    detail: Type.Record(Type.String(), Type.Unknown()),
    position: nullable(
      Type.Integer({ description: 'In the chain; null for a moment after it was written.' }),
    ),
    hash: nullable(
      Type.String({ description: 'SHA-256 over the entry and the hash before it, in hex.' }),
    ),
  },
  { title: 'AuditEntry' },
)
export const auditList = pageOf(auditEntry)

export const auditVerificationQuery = Type.Object(
  {
    log,
    expect: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{64}$',
        description: 'A hash that was noted before, and must be in the chain.',
      }),
    ),
  },
  { additionalProperties: false },
)

export const auditVerification = Type.Object(
  {
    object: Type.Literal('audit.verification'),
    ok: Type.Boolean(),
    sealed: Type.Integer({ description: 'Entries with a place in the chain.' }),
    waiting: Type.Integer({ description: 'Entries that were written just now.' }),
    head: Type.Object({
      position: Type.Integer(),
      hash: Type.String({ description: 'Keep it elsewhere, and expect it the next time.' }),
    }),
    problems: Type.Array(
      Type.Object({
        kind: Type.Enum(['altered', 'cut', 'inserted', 'removed', 'unexpected']),
        position: nullable(Type.Integer()),
        id: nullable(Type.String()),
        message: Type.String(),
      }),
      { description: 'The first 100.' },
    ),
  },
  { title: 'AuditVerification' },
)

export const auditChainQuery = Type.Object(
  {
    log,
    after: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        default: 0,
        description: 'A position: what is behind it.',
      }),
    ),
    limit: limitUpTo(1000, 1000),
  },
  { additionalProperties: false },
)

export const auditChain = Type.Object(
  {
    object: Type.Literal('audit.chain'),
    tenant_id: Type.String({ description: 'Whose log it is; `server` for that of the server.' }),
    before: nullable(
      Type.String({ description: 'The hash that the first link follows; null where it is gone.' }),
    ),
    data: Type.Array(
      Type.Object({
        object: Type.Literal('audit.link'),
        position: Type.Integer(),
        hash: Type.String(),
        id: Type.String({ description: 'Of the entry.' }),
        entry: Type.Union([auditEntry, Type.Null()], { description: 'Null where it is gone.' }),
      }),
    ),
    has_more: Type.Boolean(),
    head: Type.Object(
      { position: Type.Integer(), hash: Type.String() },
      { description: 'Where the whole chain ends.' },
    ),
  },
  { title: 'AuditChain' },
)
