import type {
  ListOptions,
  OpenSource,
  SourceItem,
  SourceKind,
} from '../../core/ports/source-kind.ts'
import { gitCredentials, gitRefusal, gitSettings } from './git-settings.ts'
import type { GitCredentials, GitSettings } from './git-settings.ts'
import { listRepository, type GitKindOptions } from './list-repository.ts'

/** Files of a Git repository at a branch, a tag or a commit. */
export function createGitKind(options: GitKindOptions): SourceKind<GitSettings, GitCredentials> {
  return {
    name: 'git',
    settings: gitSettings,
    credentials: gitCredentials,
    refusal: (settings, credentials) =>
      gitRefusal(settings, credentials) ?? options.reach.refusal(new URL(settings.url)),
    open: (settings, credentials) => openGitSource(options, settings, credentials),
  }
}

function openGitSource(
  options: GitKindOptions,
  settings: GitSettings,
  credentials: GitCredentials | null,
): OpenSource {
  const ending = new AbortController()
  return {
    list: (wanted: ListOptions): AsyncIterable<SourceItem> =>
      listRepository(
        options,
        { settings, credentials },
        {
          ...wanted,
          signal: AbortSignal.any([wanted.signal, ending.signal]),
        },
      ),
    close: async () => ending.abort(new Error('The source was closed.')),
  }
}
