import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { ADVISORY_LOCKS } from './advisory-locks.ts'

const SOURCE = new URL('../', import.meta.url)

test('no two locks have one number', () => {
  const numbers = Object.values(ADVISORY_LOCKS)

  expect(new Set(numbers).size).toBe(numbers.length)
})

test('a number of its own is taken nowhere else', async () => {
  const names = await readdir(SOURCE, { recursive: true })
  const taking: string[] = []
  for (const name of names.filter((each) => /(?<!\.test)\.(ts|sql)$/.test(each))) {
    const text = await readFile(new URL(name, SOURCE), 'utf8')
    if (/pg_(try_)?advisory_\w+\(\s*\d|\b7_?247_?8\d\d\b/.test(text)) taking.push(name)
  }

  expect(taking.toSorted()).toEqual([
    'core/advisory-locks.ts',
    'storage/migrations/0016-re-embedding.sql',
  ])
  const spaces = await readFile(new URL('storage/migrations/0016-re-embedding.sql', SOURCE), 'utf8')
  expect(spaces).toContain(`pg_advisory_xact_lock_shared(${ADVISORY_LOCKS.writtenSpaces})`)
})
