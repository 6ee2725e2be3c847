import { Type, type Static } from 'typebox'
import { keyFilterRefusal, keyFilterSettings } from '../key-filter.ts'

const address = (description: string) =>
  Type.String({ pattern: '^https?://', maxLength: 2_000, description })

export const s3Settings = Type.Object(
  {
    bucket: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$' }),
    prefix: Type.Optional(
      Type.String({ maxLength: 1_024, description: 'Only keys that begin like this.' }),
    ),
    region: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
        description: 'Of the bucket and its queue; `us-east-1` where left out.',
      }),
    ),
    endpoint: Type.Optional(
      address('Of an S3-compatible server; Amazon’s own for the region where left out.'),
    ),
    path_style: Type.Optional(
      Type.Boolean({
        description:
          'Names the bucket in the path and not in the host’s name. Where left out, so it is with an endpoint of one’s own.',
      }),
    ),
    ...keyFilterSettings,
    queue_url: Type.Optional(
      address(
        'Of an SQS queue of this source alone, to which the bucket’s events go, directly, by SNS or by EventBridge.',
      ),
    ),
  },
  { additionalProperties: false },
)
export type S3SourceSettings = Static<typeof s3Settings>

const secret = (description: string) =>
  Type.String({ minLength: 1, maxLength: 4_096, pattern: '^[\\x21-\\x7e]+$', description })

export const s3Credentials = Type.Object(
  {
    access_key_id: secret('Of a user who may list and get the objects, and take from the queue.'),
    secret_access_key: secret('Of the same user.'),
    session_token: Type.Optional(secret('Of temporary credentials.')),
  },
  { additionalProperties: false },
)
export type S3SourceCredentials = Static<typeof s3Credentials>

/** What their schemas cannot say. */
export function s3Refusal(
  settings: S3SourceSettings,
  credentials: S3SourceCredentials | null,
  allowed: { readonly machineCredentials: boolean },
): string | null {
  if (credentials === null && !allowed.machineCredentials) {
    return 'The credentials are missing: name access_key_id and secret_access_key of a user who may list and get the objects of the bucket. The server does not lend its own.'
  }
  for (const name of ['endpoint', 'queue_url'] as const) {
    const url = settings[name]
    if (url !== undefined && !isPlainAddress(url)) {
      return `The ${name} must be an address of http or https without a user, a password, a query and a fragment.`
    }
  }
  if (settings.queue_url !== undefined && new URL(settings.queue_url).pathname === '/') {
    return 'The queue_url must be the whole address of the queue, like https://sqs.eu-central-1.amazonaws.com/123456789012/my-queue.'
  }
  return keyFilterRefusal(settings)
}

function isPlainAddress(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return false
  return `${url.username}${url.password}${url.search}${url.hash}` === ''
}
