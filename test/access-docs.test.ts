import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { rolesTable } from '../scripts/roles-table.ts'
import { ROLES, scopesOf } from '../src/tenancy/roles.ts'

/** Blanks are the formatter's. */
const bare = (page: string) => page.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---')

test('docs/security/access.md shows the table in the code: else run node scripts/write-access-docs.ts', async () => {
  const page = await readFile('docs/security/access.md', 'utf8')

  expect(bare(page)).toBe(bare(rolesTable.into(page)))
})

test('who may less has no scope that who may more lacks', () => {
  const scopes = ROLES.map((role) => new Set(scopesOf(role)))
  const grown = scopes.slice(1).filter((less, place) => !less.isSubsetOf(scopes[place] ?? less))

  expect(grown).toEqual([])
})

test('no role of a tenant reaches beyond it', () => {
  expect(ROLES.filter((role) => scopesOf(role).includes('operator'))).toEqual([])
})
