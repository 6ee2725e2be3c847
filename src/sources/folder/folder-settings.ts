import { Type, type Static } from 'typebox'
import { keyFilterSettings } from '../key-filter.ts'

export const folderSettings = Type.Object(
  {
    path: Type.String({
      minLength: 1,
      maxLength: 4_000,
      pattern: String.raw`^(/|[A-Za-z]:[\\/])`,
      description: 'Absolute, below one of `sources.folder_roots` of the configuration.',
      examples: ['/srv/papers'],
    }),
    ...keyFilterSettings,
    follow_links: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Follows symbolic links that stay within the folder; others are never followed.',
      }),
    ),
    watch: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'Takes in changes as they happen, besides what the schedule finds.',
      }),
    ),
  },
  { additionalProperties: false, title: 'FolderSettings' },
)

export type FolderSettings = Static<typeof folderSettings>
