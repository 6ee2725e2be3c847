import { AppError } from '../../core/errors.ts'
import type { Repository } from './repository.ts'

/**
 * What to fetch: the name of a ref on the server, or a commit's id. Null for a repository that has no commit yet and
 * whose default branch is meant.
 */
export async function resolveRef(
  repository: Repository,
  ref: string | undefined,
): Promise<string | null> {
  if (ref !== undefined && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(ref)) return ref
  const wanted =
    ref === undefined
      ? ['HEAD']
      : ref.startsWith('refs/')
        ? [ref]
        : [`refs/heads/${ref}`, `refs/tags/${ref}`]
  const listed = new Set(
    namesOf(await repository.ask(['ls-remote', '--quiet', 'origin', ...wanted])),
  )
  const found = wanted.find((name) => listed.has(name))
  if (found !== undefined) return found
  if (ref !== undefined) {
    const message = `There is no branch and no tag "${ref}" in the repository. Name another as ref; a commit by all digits of its id.`
    throw new AppError('provider_rejected', message)
  }
  const branches = namesOf(await repository.ask(['ls-remote', '--quiet', '--heads', 'origin']))
  if (branches.length === 0) return null
  const message = 'The default branch of the repository does not exist. Name another as ref.'
  throw new AppError('provider_rejected', message)
}

const namesOf = (lines: string) => lines.split('\n').flatMap((line) => line.split('\t')[1] ?? [])
