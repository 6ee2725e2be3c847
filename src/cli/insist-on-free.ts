import { access } from 'node:fs/promises'
import { CliError, EXIT } from './cli-error.ts'

/** Looked at before anything is done: afterwards it would be too late for another name. */
export async function insistOnFree(path: string, otherwise: string): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (isThere) throw new CliError(`${path} is there already: ${otherwise}.`, EXIT.usage)
}
