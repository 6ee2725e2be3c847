import { Type } from 'typebox'
import { fetchSettings } from './fetch-settings.ts'
import { flag, section, whole } from './setting-kinds.ts'

export const sources = section(
  'Where documents may be fetched from by themselves. See docs/operations/sources.md.',
  {
    concurrency: whole({
      maximum: 64,
      description:
        'Syncs that one process works on at once, beside the files that it works on. A source is synced once at a time.',
      default: 2,
    }),
    folderRoots: Type.Array(
      Type.String({
        pattern: String.raw`^(/|[A-Za-z]:[\\/])`,
        description: 'An absolute path.',
      }),
      {
        description:
          'Folders of the machine below which sources of the kind `folder` may lie; none turns the kind off. Whoever may change documents, in any tenant, can read what lies there.',
        default: [],
      },
    ),
    ...fetchSettings,
    lendCredentials: flag({
      description:
        'Buckets whose source has no credentials are read as the server itself: by what its variables, its files or its machine may open. Whoever may change documents, in any tenant, can then read all of that.',
      default: false,
    }),
  },
)
