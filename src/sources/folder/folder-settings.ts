import { Type, type Static } from 'typebox'

const globs = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 1_000 }), { maxItems: 100, description }),
  )

export const folderSettings = Type.Object(
  {
    path: Type.String({
      minLength: 1,
      maxLength: 4_000,
      pattern: String.raw`^(/|[A-Za-z]:[\\/])`,
      description: 'Absolute, below one of `sources.folder_roots` of the configuration.',
      examples: ['/srv/papers'],
    }),
    include: globs(
      'Globs on paths within the folder, like `reports/**/*.pdf`; absent takes every file. Names that begin with a dot need a pattern that says the dot.',
    ),
    exclude: globs('Globs of what is left out, though `include` has it: `drafts/**`.'),
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
