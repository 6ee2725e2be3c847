import { readFileSync, writeFileSync } from 'node:fs'
import { withSnippets } from './client-snippets.ts'

writeFileSync('docs/clients.md', withSnippets(readFileSync('docs/clients.md', 'utf8')))
