import { CliError, EXIT } from './cli-error.ts'
import type { Client } from './client.ts'
import type { CliDeps } from './deps.ts'
import { readQuestions, type GivenQuestion } from './read-questions.ts'
import { line } from './terminal.ts'

/** Of a request: far below what a server takes by default. */
const MOST_BYTES = 50_000
const MOST_QUESTIONS = 100

export interface AddedCounts {
  readonly added: number
  readonly replaced: number
}

/** All of a file into one store, wherever its lines say to look, in requests that a server takes. */
export async function importQuestions(
  deps: CliDeps,
  client: Client,
  { path, file }: { readonly path: string; readonly file: string },
): Promise<AddedCounts> {
  const given = await readQuestions(deps, file)
  if (given.length === 0) throw new CliError(`There is no question in ${file}.`, EXIT.usage)
  const total = { added: 0, replaced: 0 }
  let sent = 0
  for (const questions of inRequests(given)) {
    const body = { questions }
    try {
      const { added, replaced } = await client.send<AddedCounts>('POST', path, { body })
      total.added += added
      total.replaced += replaced
    } catch (error) {
      const which = `${sent + 1} to ${sent + questions.length}`
      line(deps.stderr, `Of the questions in ${file}, ${which} were not taken, nor any after them.`)
      throw error
    }
    sent += questions.length
  }
  return total
}

function* inRequests(given: readonly GivenQuestion[]): Iterable<readonly object[]> {
  let request: object[] = []
  let bytes = 0
  for (const { vector_store_ids: _elsewhere, ...question } of given) {
    const more = Buffer.byteLength(JSON.stringify(question))
    const isFull = request.length === MOST_QUESTIONS || bytes + more > MOST_BYTES
    if (isFull && request.length > 0) {
      yield request
      request = []
      bytes = 0
    }
    request.push(question)
    bytes += more
  }
  yield request
}
