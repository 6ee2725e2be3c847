import { writeFileSync } from 'node:fs'
import { AppError } from '../src/core/errors.ts'
import { envelopeOf, wireFailure } from '../src/http/wire-failure.ts'
import { SOURCE_ROOT } from '../test/clients/exercise-sources.ts'
import { recordExercise } from '../test/clients/record-exercise.ts'
import { templateOf, type Exchange } from '../test/clients/recorder.ts'
import { describeApi } from './describe-api.ts'
import type { ApiDescription } from './openai-coverage.ts'

/** What nobody can ask for, as it would be said. */
const UNFORESEEN = envelopeOf(wireFailure(new Error('Nobody foresaw this.')))
/** Nobody who records these has a budget. */
const SPENT = envelopeOf(
  wireFailure(
    new AppError(
      'budget_exceeded',
      'The daily token budget of this API key does not allow this: of 10,000 tokens, 9,400 tokens are used, and this may need 3,420 tokens. It starts anew at 2026-11-22T00:00:00Z; until then use a smaller request or have the budget raised.',
    ),
  ),
)
const LONGEST_LIST = 4
const SECRETS = /\b(rss?_)[\w-]{20,}|\beyJ[\w-]+\.[\w-]+\.[\w-]+/g

interface Example {
  readonly request?: unknown
  readonly responses: Record<string, Record<string, unknown>>
}

const { paths } = (await describeApi()) as ApiDescription
const exchanges = await recordExercise()
const examples = {
  operations: operationsOf(Object.keys(paths), exchanges),
  failures: { 402: SPENT, 500: UNFORESEEN, ...provoked(exchanges) },
}
// Where the folder lay that was recorded is nobody's business.
const text = JSON.stringify(examples, null, 2).replaceAll(SOURCE_ROOT, '/srv')
writeFileSync('src/http/openapi-examples.json', `${text}\n`)

/** The first good answer of each kind, and what was asked for it. */
function operationsOf(
  paths: readonly string[],
  exchanges: readonly Exchange[],
): Record<string, Example> {
  const operations: Record<string, Example> = {}
  for (const { method, path, sent, status, type, received } of exchanges) {
    const template = templateOf(paths, path)
    const textual = type === 'application/json' || type === 'text/event-stream'
    if (status >= 300 || template === undefined || !textual) continue
    const isJson = sent !== null && !Array.isArray(sent)
    const example = (operations[`${method} ${template}`] ??= {
      ...(isJson ? { request: shortened(sent) } : {}),
      responses: {},
    })
    const response = (example.responses[status] ??= {})
    response[type] ??= shortened(received)
  }
  return operations
}

function provoked(exchanges: readonly Exchange[]): Record<string, unknown> {
  const failed = exchanges.filter(({ status }) => status >= 400).toReversed()
  return Object.fromEntries(failed.map(({ status, received }) => [status, received]))
}

/** Hundreds of numbers explain no more than four; secrets explain nothing. */
function shortened(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = typeof value[0] === 'number' ? value.slice(0, LONGEST_LIST) : value
    return items.map(shortened)
  }
  // A key that looks like one would be taken for one, by people and by scanners for secrets.
  if (typeof value === 'string') return value.replaceAll(SECRETS, '$1…')
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shortened(item)]))
}
