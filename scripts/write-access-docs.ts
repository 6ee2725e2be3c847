import { readFileSync, writeFileSync } from 'node:fs'
import { rolesTable } from './roles-table.ts'

const PATH = 'docs/security/access.md'

writeFileSync(PATH, rolesTable.into(readFileSync(PATH, 'utf8')))
