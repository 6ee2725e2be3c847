import { readFile } from 'node:fs/promises'
import { CliError, EXIT } from './cli-error.ts'
import type { CliDeps } from './deps.ts'

/** As the server takes it; where to look is for a comparison alone. */
export interface GivenQuestion {
  readonly question: unknown
  readonly vector_store_ids?: unknown
  readonly expected?: readonly unknown[]
}

/** JSON lines, of which those without anything are passed over; `-` is standard input. */
export async function readQuestions(
  deps: Pick<CliDeps, 'readInput'>,
  path: string,
): Promise<readonly GivenQuestion[]> {
  const text = path === '-' ? await deps.readInput() : await readFile(path, 'utf8')
  return text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => readQuestion(line, `${path}, line ${number}`))
}

/**
 * `expected` may be one or several, and `file` and `quote` may stand beside the question. A golden question as it is
 * listed is asked of its store.
 */
function readQuestion(line: string, place: string): GivenQuestion {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    value = null
  }
  if (typeof value !== 'object' || value === null || !('question' in value))
    throw new CliError(`${place}: no JSON object with a question.`, EXIT.usage)
  const { expected, file, quote, ...others } = withoutRecord(value)
  const rest = { ...others, question: value.question }
  const beside = file === undefined ? [] : [quote === undefined ? { file } : { file, quote }]
  const all = expected === undefined ? beside : [expected].flat()
  return all.length === 0 ? rest : { ...rest, expected: all }
}

function withoutRecord(value: object): Readonly<Record<string, unknown>> {
  const {
    id: _id,
    object,
    vector_store_id: store,
    created_at: _created,
    updated_at: _updated,
    ...rest
  } = value as Readonly<Record<string, unknown>>
  if (object !== 'vector_store.golden_question') return { ...value }
  return { ...rest, vector_store_ids: [store] }
}
