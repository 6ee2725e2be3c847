import { glob, readdir, stat } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { CliError, EXIT } from './cli-error.ts'

export interface SourceFile {
  /** Absolute. */
  readonly path: string
  readonly bytes: number
}

export interface SourceFiles {
  readonly files: readonly SourceFile[]
  /** How many in the folders named were passed over for their ending. */
  readonly skipped: number
}

/** What is taken from a folder. A file that is named itself is always taken: the server looks at its content. */
const READABLE = new Set(
  'csv docx epub htm html json jsonl markdown md mdx ndjson pdf pptx rst text tsv txt xhtml xlsx'
    .split(' ')
    .map((ending) => `.${ending}`),
)

/** Files, folders (all the way down, hidden ones left out) and globs; each file once, in order of path. */
export async function findSourceFiles(
  paths: readonly string[],
  { all }: { readonly all: boolean },
): Promise<SourceFiles> {
  const found = new Map<string, number>()
  let skipped = 0
  for (const path of paths) {
    for await (const file of expand(path)) {
      if (file.named || all || READABLE.has(extname(file.path).toLowerCase())) {
        found.set(file.path, file.bytes)
      } else skipped += 1
    }
  }
  const files = [...found].map(([path, bytes]) => ({ path, bytes }))
  return { files: files.toSorted((left, right) => (left.path < right.path ? -1 : 1)), skipped }
}

type Expanded = SourceFile & { readonly named: boolean }

async function* expand(path: string): AsyncIterable<Expanded> {
  const kind = await stat(path).catch(() => undefined)
  if (kind?.isDirectory()) yield* walk(resolve(path))
  else if (kind !== undefined) yield { path: resolve(path), bytes: kind.size, named: true }
  else yield* matching(path)
}

async function* matching(pattern: string): AsyncIterable<Expanded> {
  let any = false
  for await (const match of glob(pattern)) {
    const kind = await stat(match)
    any = true
    if (kind.isDirectory()) yield* walk(resolve(match))
    else yield { path: resolve(match), bytes: kind.size, named: true }
  }
  if (!any) throw new CliError(`There is nothing at ${pattern}.`, EXIT.usage)
}

async function* walk(folder: string): AsyncIterable<Expanded> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
    const path = join(folder, entry.name)
    // A link to a file is followed; one to a folder is not, for it may lead back here.
    if (entry.isDirectory()) yield* walk(path)
    else if (entry.isFile() || entry.isSymbolicLink()) yield* leaf(path)
  }
}

async function* leaf(path: string): AsyncIterable<Expanded> {
  const kind = await stat(path).catch(() => undefined)
  if (kind?.isFile()) yield { path, bytes: kind.size, named: false }
}
