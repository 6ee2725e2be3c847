import type { Operation } from './api-document.ts'
import type { Draw } from './draw.ts'
import type { Stock } from './fuzz-world.ts'
import { oddText, oddValue } from './odd-values.ts'
import { valueOf, type Writing } from './value-of-schema.ts'

export interface Target {
  readonly text: string
  readonly oddWire: boolean
}

/** The path with ids that are there, mostly, and a query that is right, mostly. */
export function drawTarget(
  draw: Draw,
  operation: Operation,
  writing: Writing & { readonly stock: Stock },
): Target {
  const odd = draw.chance(0.2)
  let oddWire = false
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (!odd || draw.chance(0.4)) return encodeURIComponent(writing.stock.idFor(name) ?? 'none')
    if (draw.chance(0.6)) return encodeURIComponent(writing.stock.anyId())
    const { text, breaks } = segment(draw)
    oddWire ||= breaks
    return text
  })
  const names = operation.parameters.filter((parameter) => parameter.in === 'query')
  const pairs = names
    .filter(() => draw.chance(0.35))
    .flatMap(({ name, schema = {} }) => {
      const value = draw.chance(0.5)
        ? valueOf(writing, schema, { name, depth: 0 })
        : queryValue(draw, writing.stock)
      return Array.from(
        { length: draw.chance(0.08) ? 2 : 1 },
        () => `${escaped(name)}=${escaped(String(value))}`,
      )
    })
  if (draw.chance(0.06)) pairs.push(draw.pick(ODD_PAIRS))
  const query = pairs.length === 0 && draw.chance(0.97) ? '' : `?${pairs.join('&')}`
  const text = `${path}${draw.chance(0.02) ? '/' : ''}${query}`
  // The parser takes 16 KiB of everything before the body.
  if (!draw.chance(0.01)) return { text, oddWire: oddWire || text.length > 8_000 }
  return {
    text: draw.pick([
      `http://elsewhere.example${text}`,
      `//${text}`,
      '*',
      `${text}#part`,
      `${text} x`,
    ]),
    oddWire: true,
  }
}

const ODD_PAIRS = [
  'colour=red',
  'limit[]=1',
  'limit[a]=1',
  '=',
  '&&',
  '__proto__=1',
  'constructor=1',
  '%=%',
  'after=%FF',
  'limit=%00',
  'a;b=c',
  `after=${'x'.repeat(9_000)}`,
  Array.from({ length: 1_500 }, (_, at) => `k${at}=1`).join('&'),
]

function queryValue(draw: Draw, stock: Stock): unknown {
  if (draw.chance(0.3)) return stock.anyId()
  return draw.chance(0.5) ? oddText(draw) : (JSON.stringify(oddValue(draw)) ?? '')
}

/** Half a surrogate pair has no spelling in a URL. */
const escaped = (text: string) =>
  encodeURIComponent(text.toWellFormed()).slice(0, 12_000).replace(/%.?$/, '')

function segment(draw: Draw): { readonly text: string; readonly breaks: boolean } {
  const raw = [
    '%',
    '%zz',
    '%C0%80',
    '%FF',
    '%E0%A4%A',
    'ü',
    '%2e%2e',
    '..',
    '',
    '%2F',
    'a%2Fb',
    ';x=1',
    'x'.repeat(9_000),
    '%00',
  ]
  if (draw.chance(0.5)) return { text: escaped(oddText(draw)), breaks: false }
  const text = draw.pick(raw)
  return { text: Buffer.from(text).toString('latin1'), breaks: true }
}
