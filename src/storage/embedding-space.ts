import { createHash } from 'node:crypto'
import type pg from 'pg'
import { connect } from './backend.ts'
import { asDatabaseError } from './database-error.ts'

/**
 * The name of the model's embedding space, whose table is made if it is not there: lower case, at most 40 characters.
 * Throws when the model is known with vectors of another length.
 */
export async function ensureEmbeddingSpace(
  pool: pg.Pool,
  { model, dimensions }: { readonly model: string; readonly dimensions: number },
): Promise<string> {
  const client = await connect(pool)
  let broken = false
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock(hashtext($1))', ['embedding_spaces'])
    const { rows } = await client.query<{ name: string; dimensions: number }>(
      'select name, dimensions from embedding_spaces where model = $1',
      [model],
    )
    const known = rows[0]
    if (known !== undefined && known.dimensions !== dimensions) {
      throw new Error(
        `The model ${model} gives vectors of ${dimensions} numbers, but was used with ${known.dimensions} before. Give the new one another name.`,
      )
    }
    const name = known?.name ?? spaceName(model)
    if (known === undefined) {
      await client.query('call create_embedding_space($1, $2, $3)', [name, model, dimensions])
    }
    await client.query('commit')
    return name
  } catch (error) {
    await client.query('rollback').catch(() => (broken = true))
    throw asDatabaseError(error)
  } finally {
    client.release(broken)
  }
}

/** Readable, and unique by eight digits of the id's hash. */
export function spaceName(model: string): string {
  const slug = model
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[^a-z]+|_+$/g, '')
  const hash = createHash('sha256').update(model).digest('hex').slice(0, 8)
  return `${slug.slice(0, 31) || 'space'}_${hash}`
}
