import { writeFileSync } from 'node:fs'
import { configurationDocs } from '../src/app/config-docs.ts'

writeFileSync('docs/configuration.md', configurationDocs())
