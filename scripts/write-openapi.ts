import { writeFileSync } from 'node:fs'
import { describeApi } from './describe-api.ts'

writeFileSync('docs/api/openapi.json', `${JSON.stringify(await describeApi(), null, 2)}\n`)
