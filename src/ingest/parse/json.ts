import type { ParseLimits } from '../../core/document.ts'
import type { Tell } from '../../core/tell.ts'
import { parseFailure } from './parse-failure.ts'
import { createTextBuilder, type Draft, type TextBuilder } from './text-builder.ts'

// A longer string is prose and a paragraph of its own.
const LONG = 200

const WRITTEN = Symbol('written')

/** A number as the file spells it. */
interface WrittenNumber {
  readonly [WRITTEN]: string
}

interface Entry {
  readonly path: string
  readonly value: string
}

/**
 * Flat lines `path: value` in the order of the file, numbers as they were written. The members of an object
 * at the top that hold more than one value get a heading; every object of an array of objects is its own block.
 */
export function parseJson(text: string, limits: ParseLimits, tell: Tell): Draft {
  const builder = createTextBuilder(limits.maxExpandedBytes)
  const root = readJson(text)
  if (!isObject(root)) {
    addValue(builder, '', { value: root, tell })
    return builder.build(null)
  }
  const members = Object.entries(root)
  for (const [at, [key, value]] of members.entries()) {
    if (isContainer(value)) builder.addHeading(1, key)
    const within: Tell = (done, of) => tell(at + done / of, members.length)
    addValue(builder, key, { value, tell: within })
    tell(at + 1, members.length)
  }
  return builder.build(typeof root['title'] === 'string' ? root['title'] : null)
}

/** Every line a record of its own, as an object of an array is. */
export function parseJsonLines(text: string, limits: ParseLimits, tell: Tell): Draft {
  const builder = createTextBuilder(limits.maxExpandedBytes)
  const lines = text.split('\n')
  for (const [index, line] of lines.entries()) {
    if (line.trim() !== '') addEntries(builder, flatten(readJson(line, index + 1), ''))
    tell(index + 1, lines.length)
  }
  return builder.build(null)
}

function addValue(
  builder: TextBuilder,
  path: string,
  { value, tell }: { readonly value: unknown; readonly tell: Tell },
): void {
  if (Array.isArray(value) && value.some(isContainer)) {
    for (const [at, item] of value.entries()) {
      addEntries(builder, flatten(item, ''))
      tell(at + 1, value.length)
    }
  } else addEntries(builder, flatten(value, path))
}

/** One block of lines, broken where a long string is a paragraph. */
function addEntries(builder: TextBuilder, entries: Iterable<Entry>): void {
  let lines: string[] = []
  const flush = (): void => {
    builder.add('table', lines.join('\n'))
    lines = []
  }
  for (const { path, value } of entries) {
    const line = path === '' ? value : `${path}: ${value}`
    if (value.length > LONG || value.includes('\n')) {
      flush()
      builder.add('paragraph', line)
    } else lines.push(line)
  }
  flush()
}

function* flatten(value: unknown, path: string): Generator<Entry> {
  if (Array.isArray(value)) {
    if (!value.some(isContainer) && value.length > 0) {
      yield {
        path,
        value: value
          .map(scalarText)
          .filter((text) => text !== '')
          .join(', '),
      }
      return
    }
    for (const [index, item] of value.entries()) yield* flatten(item, `${path}[${index}]`)
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      yield* flatten(item, path === '' ? key : `${path}.${key}`)
    }
  } else if (scalarText(value) !== '') yield { path, value: scalarText(value) }
}

function readJson(text: string, line?: number): unknown {
  try {
    // Numbers keep their spelling: 1.10 and 12345678901234567890 would both change as doubles.
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' ? { [WRITTEN]: context?.source ?? String(value) } : value,
    )
  } catch (error) {
    const where = line === undefined ? '' : ` in line ${line}`
    throw parseFailure(
      'file_malformed',
      `The file is not valid JSON${where}: it is truncated or has a syntax error. Export it again.`,
      error,
    )
  }
}

function scalarText(value: unknown): string {
  if (isNumber(value)) return value[WRITTEN]
  if (typeof value === 'boolean') return String(value)
  return typeof value === 'string' ? value.trim() : ''
}

function isContainer(value: unknown): boolean {
  return Array.isArray(value) || isObject(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isNumber(value)
}

function isNumber(value: unknown): value is WrittenNumber {
  return typeof value === 'object' && value !== null && WRITTEN in value
}
