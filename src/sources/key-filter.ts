import { Type, type Static } from 'typebox'
import { compileGlob } from './glob.ts'

const globs = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 500 }), {
      maxItems: 100,
      description: description,
    }),
  )

/** For the settings of a kind whose keys are paths. */
export const keyFilterSettings = {
  include: globs(
    'Globs of the whole path, like `reports/**/*.pdf`; absent takes every file. Names that begin with a dot need a pattern that says the dot.',
  ),
  exclude: globs('Globs of what is left out, though `include` has it: `drafts/**`.'),
}

export interface KeyFilter {
  readonly include?: Static<typeof keyFilterSettings.include>
  readonly exclude?: Static<typeof keyFilterSettings.exclude>
}

/** What is wrong with the patterns; null when nothing is. */
export function keyFilterRefusal({ include = [], exclude = [] }: KeyFilter): string | null {
  const wrong = [...include, ...exclude].find(
    (pattern) => compileGlob(pattern, { dot: true }) === null,
  )
  if (wrong === undefined) return null
  return `The pattern "${wrong}" stands for too many others: use fewer braces, or several patterns.`
}

export function createKeyFilter({ include, exclude = [] }: KeyFilter): (key: string) => boolean {
  const wanted = (include === undefined || include.length === 0 ? ['**'] : include).map((pattern) =>
    compiled(pattern, false),
  )
  const unwanted = exclude.map((pattern) => compiled(pattern, true))
  return (key) =>
    wanted.some((matches) => matches(key)) && !unwanted.some((matches) => matches(key))
}

/** What `keyFilterRefusal` refuses matches nothing. */
const compiled = (pattern: string, dot: boolean) => compileGlob(pattern, { dot }) ?? (() => false)
