import type { Operation } from './api-document.ts'
import type { Draw } from './draw.ts'
import type { Stock } from './fuzz-world.ts'
import { mutated } from './mutate.ts'
import { oddText } from './odd-values.ts'
import { writeJson } from './raw-json.ts'
import { spoiled } from './spoil-text.ts'
import { valueOf, type Writing } from './value-of-schema.ts'
import { writeForm } from './write-form.ts'

export interface Body {
  readonly contentType: string | null
  readonly bytes: Buffer
}

export function drawBody(
  draw: Draw,
  operation: Operation,
  writing: Writing & { readonly stock: Stock },
): Body {
  const { contentType } = operation
  if (contentType === null && (operation.method === 'GET' || draw.chance(0.8)))
    return { contentType: null, bytes: Buffer.of() }
  if (contentType?.startsWith('multipart/') === true) {
    const form = writeForm(draw)
    return { contentType: form.contentType, bytes: form.body }
  }
  if (contentType === 'application/x-www-form-urlencoded')
    return drawPairs(draw, operation, writing)
  const text = writeJson(drawValue(draw, operation, writing))
  const bytes = draw.chance(0.12) ? spoiled(draw, text) : Buffer.from(text)
  return { contentType: drawType(draw), bytes }
}

type StockedWriting = Writing & { readonly stock: Stock }

/** The example of the document or something its schema takes, with up to three places changed. */
function drawValue(draw: Draw, { examples, body }: Operation, writing: StockedWriting): unknown {
  const exemplary = examples.length > 0 && (body === null || draw.chance(0.5))
  const sound = exemplary
    ? withIds(draw.pick(examples), writing.stock)
    : valueOf(writing, body ?? {})
  const changes = Array.from({ length: draw.pick([0, 0, 1, 1, 1, 2]) })
  return changes.reduce((value) => mutated(draw, value, writing.stock.anyId), sound)
}

function drawType(draw: Draw): string | null {
  if (draw.chance(0.9)) return 'application/json'
  return draw.pick([
    null,
    '',
    ';',
    'text/plain',
    'application/jsonx',
    'application/json; charset=utf-8',
    'application/json; charset=utf-16',
    'application/json; charset="',
    'application/json, application/json',
    'APPLICATION/JSON',
    'application/vnd.api+json',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    `application/json; x=${'y'.repeat(4_000)}`,
    'application/json\u00ff',
    '*/*',
    'json',
  ])
}

function drawPairs(draw: Draw, operation: Operation, writing: Writing): Body {
  const value = Object(operation.body === null ? {} : valueOf(writing, operation.body)) as Record<
    string,
    unknown
  >
  const pairs = Object.entries({
    ...value,
    ...(draw.chance(0.8) ? { grant_type: 'password' } : {}),
  }).map(
    ([name, each]) =>
      `${name}=${encodeURIComponent((draw.chance(0.3) ? oddText(draw) : String(each)).toWellFormed())}`,
  )
  if (draw.chance(0.1))
    pairs.push(
      draw.pick(['grant_type=password', '%', '%FF=%FF', 'a[b]=c', '__proto__=1', 'colour=red']),
    )
  const contentType = draw.chance(0.9) ? operation.contentType : drawType(draw)
  return { contentType, bytes: Buffer.from(pairs.join('&')) }
}

/** Ids of the one who wrote the example are nobody's here. */
function withIds(example: unknown, stock: Stock): unknown {
  const text = JSON.stringify(example).replaceAll(
    /"([a-z]+)([-_])[0-9a-f]{32}"/g,
    (_, prefix: string) => JSON.stringify(stock.idLike(prefix)),
  )
  return JSON.parse(text) as unknown
}
