import { Type, type Static } from 'typebox'
import { keyFilterRefusal, keyFilterSettings } from '../key-filter.ts'

export const gitSettings = Type.Object(
  {
    url: Type.String({
      minLength: 1,
      maxLength: 2_000,
      description: 'Of the repository, beginning with https:// or http://.',
      examples: ['https://git.example.com/handbook.git'],
    }),
    ref: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 250,
        description:
          'A branch, a tag, a name like `refs/tags/v1`, or a whole commit id; the default branch where left out.',
      }),
    ),
    folder: Type.Optional(
      Type.String({ minLength: 1, maxLength: 1_000, description: 'Only what is below it.' }),
    ),
    ...keyFilterSettings,
  },
  { additionalProperties: false, title: 'GitSettings' },
)
export type GitSettings = Static<typeof gitSettings>

// A line break would let one value pass for several.
const oneLine = '^[^\\u0000-\\u001f\\u007f]+$'

export const gitCredentials = Type.Object(
  {
    username: Type.Optional(
      Type.String({
        pattern: oneLine,
        maxLength: 250,
        description: 'What the server wants beside a token; `git` where left out.',
      }),
    ),
    token: Type.String({
      pattern: oneLine,
      maxLength: 4_096,
      description: 'Or a password. It need only be able to read.',
    }),
  },
  { additionalProperties: false, title: 'GitCredentials' },
)
export type GitCredentials = Static<typeof gitCredentials>

/** What git itself allows in the name of a ref; and nothing that could pass for an option. */
const REF = /^(?!-)(?!.*(?:\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)))[^\s~^:?*[\\\p{Cc}]+(?<![/.])$/u

/** What the schemas cannot say. */
export function gitRefusal(
  settings: GitSettings,
  credentials: GitCredentials | null,
): string | null {
  const refusal = urlRefusal(settings.url)
  if (refusal !== null) return refusal
  if (credentials !== null && settings.url.startsWith('http:')) {
    return 'A token is not sent without encryption: use an address that begins with https://.'
  }
  if (settings.ref !== undefined && !REF.test(settings.ref)) {
    return 'The ref must be the name of a branch or a tag as git allows it, or a whole commit id.'
  }
  if (settings.folder !== undefined && !isPlainFolder(settings.folder)) {
    return 'The folder must be a path within the repository, like docs/handbook, without "." and "..".'
  }
  return keyFilterRefusal(settings)
}

function urlRefusal(text: string): string | null {
  if (/^(ssh|git):|^[^/]+@[^/]+:/.test(text)) {
    return 'Repositories are fetched by https and not by SSH: use the address that begins with https://, and a token in the credentials.'
  }
  const url = URL.parse(text)
  if (url === null || !/^https?:\/\//.test(text)) {
    return 'The url must be the address of a repository that begins with https:// or http://.'
  }
  if (`${url.username}${url.password}` !== '') {
    return 'The url may hold no user and no token: put them into the credentials, where they are kept secret.'
  }
  if (`${url.search}${url.hash}` !== '' || url.hostname.endsWith('.')) {
    return 'The url must end with the path of the repository, without a query or a fragment, and its host without a dot.'
  }
  return null
}

function isPlainFolder(folder: string): boolean {
  const parts = folder.replace(/\/$/, '').split('/')
  return !folder.includes('\0') && parts.every((part) => !['', '.', '..'].includes(part))
}
