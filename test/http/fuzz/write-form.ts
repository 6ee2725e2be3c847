import type { Draw } from './draw.ts'
import { oddText } from './odd-values.ts'

export interface Form {
  readonly contentType: string
  readonly body: Buffer
}

/** What may be wrong with a form, and how often it is. */
interface Oddity {
  /** The text, or an odd one. */
  readonly odd: (text: string, share?: number) => string
  readonly happens: (share: number) => boolean
  readonly line: string
  readonly boundary: string
}

/** An upload, sound or broken somewhere. */
export function writeForm(draw: Draw): Form {
  const sound = draw.chance(0.3)
  const happens = (share: number) => !sound && draw.chance(share)
  const boundary = draw.pick(['xx', '----form', 'a'.repeat(70)])
  const oddity: Oddity = {
    happens,
    boundary,
    line: happens(0.1) ? '\n' : '\r\n',
    odd: (text, share = 0.25) => (happens(share) ? oddText(draw) : text),
  }
  const end = Buffer.from(happens(0.15) ? '' : `--${boundary}--${oddity.line}`)
  const whole = Buffer.concat([...parts(draw, oddity), end])
  const body = happens(0.15) ? whole.subarray(0, draw.int(whole.length)) : whole
  const contentType = sound ? `multipart/form-data; boundary=${boundary}` : formType(draw, boundary)
  return { contentType, body }
}

function parts(draw: Draw, { odd, happens, line, boundary }: Oddity): Buffer[] {
  const part = (head: readonly string[], inside: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from(`--${boundary}${line}${head.join(line)}${line}${line}`),
      inside,
      Buffer.from(line),
    ])
  const named = (name: string) => `content-disposition: form-data; name="${odd(name, 0.1)}"`
  const field = (name: string, value: string) => part([named(name)], Buffer.from(odd(value)))
  const file = () =>
    part(
      [`${named('file')}; ${fileName(draw, odd)}`, `content-type: ${odd(draw.pick(TYPES))}`],
      content(draw),
    )
  const made = [field('purpose', 'assistants'), file()]
  if (draw.chance(0.2)) {
    made.push(field('expires_after[anchor]', 'created_at'), field('expires_after[seconds]', '3600'))
  }
  if (happens(0.1)) made.push(...Array.from({ length: 60 }, () => field('purpose', 'x')))
  if (happens(0.1)) made.push(file())
  if (happens(0.1)) made.splice(draw.int(made.length), 1)
  return made
}

const TYPES = [
  'text/plain',
  'text/markdown',
  'application/pdf',
  'application/octet-stream',
  'image/png',
  '',
]

function fileName(draw: Draw, odd: (text: string, share?: number) => string): string {
  const name = draw.pick([
    'notes.txt',
    'notes.md',
    'notes.pdf',
    'notes.docx',
    'notes.json',
    'notes.csv',
    'notes.html',
    'notes',
    '.',
    '../../x.txt',
  ])
  if (draw.chance(0.1))
    return `filename*=UTF-8''${draw.pick(['%e2%82', '%zz', 'a%00b.txt', 'ok.txt'])}`
  return `filename="${odd(name)}"`
}

function content(draw: Draw): Buffer {
  const noise = Array.from({ length: draw.pick([1, 40, 3_000]) }, () => draw.int(256))
  return draw.pick([
    Buffer.from('Every employee has thirty days of leave.\n'),
    Buffer.from(''),
    Buffer.from(noise),
    Buffer.from('%PDF-1.7\n%broken'),
    Buffer.from('PK\u0003\u0004broken', 'latin1'),
    Buffer.from('{"a":'),
    Buffer.from('\ufeffa,b\r\n"1'),
    Buffer.from('<html><body><p>open'),
  ])
}

function formType(draw: Draw, boundary: string): string {
  if (draw.chance(0.75)) return `multipart/form-data; boundary=${boundary}`
  return draw.pick([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary="',
    `multipart/form-data; boundary="${boundary}"`,
    `multipart/mixed; boundary=${boundary}`,
    `multipart/form-data; boundary=${'b'.repeat(200)}`,
    `multipart/form-data; charset=utf-16; boundary=${boundary}`,
    'application/json',
  ])
}
