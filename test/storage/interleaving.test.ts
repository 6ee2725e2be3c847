import { expect, test } from 'vitest'
import { onEveryBackend } from './backends.ts'

onEveryBackend('statements outside transactions', (world) => {
  test('those of many connections at once do not get into each other’s way', async () => {
    const { pool } = world.backend
    const tenant = await world.newTenant()
    const numbers = Array.from({ length: 400 }, (_, index) => index)

    const answers = await Promise.all(
      numbers.map(async (number) => {
        if (number % 5 === 0) {
          // Transactions in between take the session for themselves.
          const [row] = await world.database.transact(tenant, (transaction) =>
            transaction.query<{ answer: number }>('select $1::int as answer', [number]),
          )
          return row?.answer
        }
        const { rows } = await pool.query<{ answer: number }>('select $1::int as answer', [number])
        return rows[0]?.answer
      }),
    )

    expect(answers).toEqual(numbers)
  })
})
