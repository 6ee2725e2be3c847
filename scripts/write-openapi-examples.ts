import { writeFileSync } from 'node:fs'
import { AppError } from '../src/core/errors.ts'
import { envelopeOf, wireFailure } from '../src/http/wire-failure.ts'
import { recordExercise } from '../test/clients/record-exercise.ts'
import { templateOf, type Exchange } from '../test/clients/recorder.ts'
import { describeApi } from './describe-api.ts'
import type { ApiDescription } from './openai-coverage.ts'

/** What a quiet server does not say by itself, as it would say it. */
const UNPROVOKED: Readonly<Record<string, Error>> = {
  409: new AppError('conflict', 'The file is still being read: ask again once it is completed.'),
  429: new AppError(
    'rate_limited',
    'The provider of "llama" is limiting our requests. Try again later.',
  ),
  500: new Error('Nobody foresaw this.'),
  502: new AppError(
    'provider_rejected',
    'The provider of "llama" answered with nothing. Check base_url and model in the configuration.',
  ),
  503: new AppError('shutting_down', 'The server is being stopped; ask again in a moment.'),
}
const LONGEST_LIST = 4

interface Example {
  readonly request?: unknown
  readonly responses: Record<string, Record<string, unknown>>
}

const { paths } = (await describeApi()) as ApiDescription
const exchanges = await recordExercise()
const failures = Object.entries(UNPROVOKED).map(([status, error]) => [
  status,
  envelopeOf(wireFailure(error)),
])
const examples = {
  operations: operationsOf(Object.keys(paths), exchanges),
  failures: { ...Object.fromEntries(failures), ...provoked(exchanges) },
}
writeFileSync('src/http/openapi-examples.json', `${JSON.stringify(examples, null, 2)}\n`)

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

/** Hundreds of numbers explain no more than four. */
function shortened(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = typeof value[0] === 'number' ? value.slice(0, LONGEST_LIST) : value
    return items.map(shortened)
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shortened(item)]))
}
