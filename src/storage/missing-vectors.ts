import type {
  MissingVector,
  MissingVectors,
  SampleChunk,
} from '../core/ports/embedding-migrations.ts'
import { asOwner } from './as-owner.ts'
import { toHalfVector } from './half-vector.ts'
import { spaceTable } from './space-table.ts'
import { readWrittenSpaces } from './written-spaces.ts'

export function createMissingVectors(): MissingVectors {
  return {
    next: (transaction, { space, behind, limit }) =>
      transaction.query<MissingVector>(
        `select id::text as id, context, text from chunks
         where tenant_id = $1 and id > $2 and not exists (
           select from ${spaceTable(space)} as made where made.tenant_id = $1 and made.chunk_id = chunks.id)
         order by chunks.id limit $3`,
        [transaction.tenantId, behind ?? '0', limit],
      ),

    async fill(transaction, { space, ids, vectors }) {
      const written = await readWrittenSpaces(transaction)
      if (!written.some(({ name }) => name === space)) return null
      const rows = await transaction.query(fillStatement(spaceTable(space), vectors.length), [
        transaction.tenantId,
        ids,
        ...vectors.map(toHalfVector),
      ])
      return rows.length
    },

    sample: (transaction, limit) =>
      transaction.query<SampleChunk>(
        'select context, text, tokens from chunks where tenant_id = $1 order by id limit $2',
        [transaction.tenantId, limit],
      ),

    // Tenants take turns at one row; as its owner, because theirs may only read it.
    turn: (transaction, chunks) =>
      asOwner(transaction, async () => {
        const [row] = await transaction.query<TurnRow>(TURN, [chunks])
        if (row === undefined) return null
        const { id, to_space: space, to_model: model, wait } = row
        return { migrationId: id, space, model, waitMs: Math.ceil(wait * 1000) }
      }),
  }
}

// A chunk that somebody is changing is passed over: its new vector comes with it, or it is found missing again. Waiting
// for it while holding others could end in a ring. One that was edited since it was read has its vector already.
const fillStatement = (table: string, count: number) => `
  with present as (
    select id, vector_store_id, file_id from chunks where tenant_id = $1 and id = any($2::bigint[])
    order by id for key share skip locked)
  insert into ${table} (tenant_id, chunk_id, vector_store_id, file_id, embedding)
  select $1, present.id, vector_store_id, file_id, made.embedding
  from unnest($2::bigint[], array[${Array.from({ length: count }, (_, index) => `$${index + 3}`).join(', ')}]::halfvec[])
    as made (id, embedding)
  join present using (id)
  on conflict (tenant_id, chunk_id) do nothing
  returning chunk_id`

// Where there is no limit nothing is written. Otherwise whoever comes too early is told when to come back, and whoever
// is in time puts the next moment off by what he takes.
const TURN = `
  with open as (
    select id, to_space, to_model, rate, paced_until from embedding_migrations where status = 'building'),
  paced as (
    update embedding_migrations as m
    set paced_until = greatest(m.paced_until, clock_timestamp()) + $1::float8 / m.rate * interval '1 second'
    from open where m.id = open.id and m.rate is not null and coalesce(m.paced_until <= clock_timestamp(), true)
    returning m.id)
  select id, to_space, to_model,
    case when rate is null or exists (select from paced) then 0
      else greatest(0, extract(epoch from paced_until - clock_timestamp()))::float8 end as wait
  from open`

interface TurnRow {
  readonly id: string
  readonly to_space: string
  readonly to_model: string
  readonly wait: number
}
