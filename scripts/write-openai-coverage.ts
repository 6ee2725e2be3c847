import { writeFileSync } from 'node:fs'
import { recordExercise } from '../test/clients/record-exercise.ts'
import { describeApi } from './describe-api.ts'
import { coveragePage, type ApiDescription } from './openai-coverage.ts'
import { readOpenAi } from './openai-declarations.ts'

const described = (await describeApi()) as ApiDescription
const exchanges = await recordExercise()
writeFileSync('docs/api/openai.md', coveragePage({ declared: readOpenAi(), described, exchanges }))
