import { AppError, type ErrorCode } from '../../core/errors.ts'

interface GitEnd {
  /** Null where a signal ended it, or it never began. */
  readonly code: number | null
  readonly by?: NodeJS.Signals | null
  /** The end of what it wrote to its error output; the server's own words are among it. */
  readonly complaint: string
}

/** More was sent than is taken. */
const TOO_MUCH = 'The repository sends more than the server takes at once.'

const SENTENCES: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [
    /git: (command )?not found|exec: git/,
    'provider_rejected',
    'The program git is not installed on the server. Whoever runs it can install it; sources of other kinds do without.',
  ],
  [/File size limit exceeded|File too large/, 'file_too_large', TOO_MUCH],
  [
    /could not read Username|could not read Password|Authentication failed|error: 40[13]/,
    'provider_rejected',
    'The repository is not open to everybody, or not to these credentials. Check the url, and name a token that may read it.',
  ],
  [
    /repository '.*' not found|error: 404/,
    'provider_rejected',
    'There is no such repository, or the credentials may not see it. Check the url.',
  ],
  [
    /error: 30\d|redirect/,
    'provider_rejected',
    'The repository has moved: the server redirects to another address. Name the one where it is now.',
  ],
  [
    /find remote ref|not our ref|unadvertised object|remote did not send all/,
    'provider_rejected',
    'The branch, tag or commit is not in the repository any more. Name another as ref.',
  ],
  [
    /dumb http transport/,
    'provider_rejected',
    'The server does not speak the protocol of git; a folder of files is not enough.',
  ],
  [
    /certificate|SSL|TLS/,
    'provider_unavailable',
    'The server of the repository shows no certificate to trust.',
  ],
  [
    /Could not resolve host/,
    'provider_unavailable',
    'The server of the repository cannot be found: no such name is known.',
  ],
  [
    /Failed to connect|Connection refused|timed out|too slow/i,
    'provider_unavailable',
    'The server of the repository cannot be reached. It is tried again later.',
  ],
]

/** A sentence for whoever named the repository. What git said is the cause, for the log: parts of it are the server's words. */
export function gitFailure({ code, by, complaint }: GitEnd): AppError {
  const text = by === 'SIGXFSZ' ? 'File size limit exceeded' : complaint
  const said = text
    .split('\n')
    .filter((line) => !line.startsWith('remote:'))
    .join('\n')
  const cause = new Error(`git ended with ${by ?? code ?? 'an error'}: ${complaint.trim()}`)
  const known = SENTENCES.find(([pattern]) => pattern.test(said))
  if (known !== undefined) return new AppError(known[1], known[2], { cause })
  const message = 'The repository cannot be fetched at the moment. It is tried again later.'
  return new AppError('provider_unavailable', message, { cause })
}
