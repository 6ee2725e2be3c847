import { Type } from 'typebox'
import { choice, flag, optional, section, text, whole } from './setting-kinds.ts'

const masterKey = (description: string) =>
  optional(
    Type.String({
      pattern: '^[A-Za-z0-9+/]{43,64}=?$',
      description,
      secret: true,
    }),
  )

export const blobs = section(
  'Where files and their extracted texts are kept, and whether encrypted. See docs/operations/files-at-rest.md.',
  {
    store: choice(['directory', 's3'], {
      description:
        '`directory` is a folder; `s3` a bucket of Amazon S3 or of a server that speaks its language.',
      default: 'directory',
    }),
    directory: optional(
      text({
        path: true,
        description:
          'Of the store `directory`; null is `blobs` in the data directory. All servers and workers of one database need the same.',
      }),
    ),
    bucket: optional(text({ description: 'Of the store `s3`.' })),
    prefix: Type.String({
      pattern: '^([\\w!.*()/-]+/)?$',
      description: 'Before every key in the bucket; ends with a slash.',
      default: '',
    }),
    endpoint: optional(
      Type.String({
        pattern: '^https?://',
        description: 'Of an S3-compatible server; null is Amazon’s own for the region.',
      }),
    ),
    region: text({ description: 'Of the bucket.', default: 'us-east-1' }),
    pathStyle: flag({
      description:
        'Names the bucket in the path and not in the host’s name, which most servers but Amazon’s need.',
      default: false,
    }),
    accessKeyId: optional(
      text({
        description:
          'Of the bucket’s user; null looks where Amazon’s own tools do: variables, files, the machine’s role.',
        secret: true,
      }),
    ),
    secretAccessKey: optional(text({ description: 'Of the bucket’s user.', secret: true })),
    sessionToken: optional(text({ description: 'Of temporary credentials.', secret: true })),
    timeoutSeconds: whole({
      maximum: 600,
      description: 'How long the bucket may be silent before a call counts as failed.',
      default: 20,
    }),
    masterKey: masterKey(
      'Turns encryption on: 32 bytes as 64 hex digits or as Base64. Each tenant’s files get a key of their own, which this one wraps. Without it encrypted files cannot be read: keep a copy elsewhere.',
    ),
    previousMasterKey: masterKey(
      'The one before it, until `ragstone blobs rewrap` has wrapped everything anew.',
    ),
    sweepHours: whole({
      minimum: 0,
      maximum: 8760,
      description:
        'How often what nothing refers to is looked for and removed; 0 leaves it to `ragstone blobs check --repair`.',
      default: 24,
    }),
    spareHours: whole({
      minimum: 1,
      maximum: 8760,
      description:
        'Younger objects are never swept: an upload under way may come to refer to them.',
      default: 24,
    }),
  },
)
