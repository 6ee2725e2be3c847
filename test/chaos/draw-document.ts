import type { ErrorCode } from '../../src/core/errors.ts'
import type { Draw } from '../http/fuzz/draw.ts'
import { makeDocx, makeEpub, makePdf, makePptx, makeXlsx, utf8 } from '../ingest/sample-files.ts'

export interface ChaosDocument {
  readonly filename: string
  readonly bytes: Uint8Array
  /** In the text of this document and of no other. */
  readonly word: string
  /** Why it can never be indexed; null where it can. */
  readonly fault: ErrorCode | null
}

type Make = (about: {
  readonly word: string
  readonly lines: readonly string[]
}) => Promise<Uint8Array> | Uint8Array

const WHOLE: Readonly<Record<string, Make>> = {
  txt: ({ lines }) => utf8(lines.join('\n\n')),
  md: ({ word, lines }) => utf8(`# On ${word}\n\n${lines.join('\n\n')}`),
  html: ({ lines }) =>
    utf8(`<!doctype html><title>t</title>${lines.map((each) => `<p>${each}</p>`).join('')}`),
  csv: ({ lines }) => utf8(['place,said', ...lines.map((each, at) => `${at},${each}`)].join('\n')),
  json: ({ word, lines }) => utf8(JSON.stringify({ word, lines })),
  pdf: ({ lines }) => makePdf((pdf) => lines.forEach((each) => pdf.text(each))),
  docx: ({ lines }) =>
    makeDocx(lines.map((each) => `<w:p><w:r><w:t>${each}</w:t></w:r></w:p>`).join('')),
  pptx: ({ word, lines }) => makePptx([{ title: word, lines }]),
  xlsx: ({ lines }) =>
    makeXlsx([
      {
        name: 'said',
        rows: lines
          .map(
            (each, at) =>
              `<row r="${at + 1}"><c r="A${at + 1}" t="inlineStr"><is><t>${each}</t></is></c></row>`,
          )
          .join(''),
      },
    ]),
  epub: ({ word, lines }) => makeEpub(word, [lines.map((each) => `<p>${each}</p>`).join('')]),
}

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==',
  'base64',
)

/** Of each kind of damage: the file's ending, its content, and the reason that is true. */
const DAMAGED: readonly (readonly [string, Make, ErrorCode])[] = [
  ['docx', (about) => cut('docx', about), 'file_malformed'],
  ['pptx', (about) => cut('pptx', about), 'file_malformed'],
  ['xlsx', (about) => cut('xlsx', about), 'file_malformed'],
  ['pdf', (about) => cut('pdf', about), 'file_malformed'],
  ['json', ({ word }) => utf8(`{"word": "${word}", "lines": [`), 'file_malformed'],
  [
    'txt',
    ({ word }) =>
      Buffer.concat([utf8(`größer als ${word} `), Buffer.from([0xc3, 0x28]), utf8(' süß')]),
    'file_malformed',
  ],
  [
    'pdf',
    ({ word }) => makePdf((pdf) => pdf.text(word), { userPassword: 'secret' }),
    'file_encrypted',
  ],
  ['pdf', ({ word }) => Buffer.concat([PNG, utf8(word)]), 'file_type_unsupported'],
  ['txt', ({ word }) => Buffer.concat([utf8(word), Buffer.alloc(500)]), 'file_type_unsupported'],
  ['txt', ({ word }) => utf8(' \n'.repeat(word.length + Number(word.slice(4)))), 'file_empty'],
]

const DAMAGED_SHARE = 0.12
const MOST_LINES = 24

/** Small real files of every kind that can be read, some of them damaged. */
export async function drawDocument(draw: Draw, at: number): Promise<ChaosDocument> {
  const word = `Vorn${at}`
  const lines = Array.from(
    { length: 1 + draw.int(MOST_LINES) },
    (_, line) => `Sentence ${line} of the paper on ${word} speaks of weather ${draw.int(1000)}.`,
  )
  if (draw.chance(DAMAGED_SHARE)) {
    const [ending, make, fault] = draw.pick(DAMAGED)
    return { filename: `${word}.${ending}`, bytes: await make({ word, lines }), word, fault }
  }
  const [ending, make] = draw.pick(Object.entries(WHOLE))
  return { filename: `${word}.${ending}`, bytes: await make({ word, lines }), word, fault: null }
}

async function cut(ending: string, about: Parameters<Make>[0]): Promise<Uint8Array> {
  const whole = (await WHOLE[ending]?.(about)) ?? new Uint8Array()
  return whole.slice(0, whole.length * 0.6)
}
