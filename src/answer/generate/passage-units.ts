import type { RankedChunk } from '../../core/answer.ts'
import { sentencesOf, type Sentence } from '../sentences.ts'
import { isNumber, termsOf } from '../words.ts'
import { countHeaderRows } from './table-header.ts'

/** A piece of a passage that may be given as an answer, or as part of one. */
export interface Unit extends Sentence {
  /** 0-based place of its passage among those given. */
  readonly passage: number
  readonly text: string
  /** Its line ends mean something: it holds items, rows or code. */
  readonly keepsLines: boolean
  /** What it cannot be understood without, quoted before it: the header of its table. */
  readonly lead: string | null
  readonly terms: readonly string[]
  readonly termSet: ReadonlySet<string>
  /** Terms of its surroundings: headings, title, the sentence before. */
  readonly around: ReadonlySet<string>
}

// Who or what it is stands in the sentence before.
const LEANING =
  /^(?:["“(]*)(?:it|its|he|she|his|her|they|their|this|these|those|that|such|however|therefore|thus|also|es|er|sie|dies|diese|dieser|dieses|dadurch|daher|deshalb)\b/i
const LONGEST_JOINED = 450
const LONGEST_LIST = 600
const FEWEST_TERMS = 3
const MOST_TITLE_TERMS = 8

/** Every sentence, item, row and piece of code that can stand as an answer; headings only lead. */
export function unitsOf(passages: readonly RankedChunk[]): Unit[] {
  return passages.flatMap((passage, index) => {
    const sentences = sentencesOf(passage.text)
    const units = unitsOfPassage(passage, index, sentences)
    // A passage that is nothing but headings, or one lone row, is still all it has to say.
    return units.length > 0 ? units : wholePassage(passage, index)
  })
}

function unitsOfPassage(
  passage: RankedChunk,
  index: number,
  sentences: readonly Sentence[],
): Unit[] {
  const { text } = passage
  const context = termsOf(`${passage.title ?? ''} ${passage.context}`)
  const { headers, leads } = tablesIn(sentences, text)
  const units: Unit[] = []
  let heading: readonly string[] = []
  for (const [place, sentence] of sentences.entries()) {
    const lead = leads.get(sentence) ?? null
    const own = termsIn(text, sentence)
    if (isTitle(sentence, own, text)) heading = own
    else if (!headers.has(sentence) && (own.length >= FEWEST_TERMS || own.some(isNumber))) {
      const span = joined(sentences, place, text)
      const before = sentences[place - 1]
      units.push({
        ...unit(text, span, lead),
        passage: index,
        around: new Set([
          ...context,
          ...heading,
          ...(before === undefined ? [] : termsIn(text, before)),
          ...termsOf(lead ?? ''),
        ]),
      })
    }
  }
  return units
}

function unit(text: string, span: Joined, lead: string | null): Omit<Unit, 'around' | 'passage'> {
  const said = text.slice(span.start, span.end)
  const terms = termsOf(said)
  return { ...span, text: said, lead, terms, termSet: new Set(terms) }
}

interface Tables {
  readonly headers: ReadonlySet<Sentence>
  /** Of a row below a header: the header's text. */
  readonly leads: ReadonlyMap<Sentence, string>
}

function tablesIn(sentences: readonly Sentence[], text: string): Tables {
  const headers = new Set<Sentence>()
  const leads = new Map<Sentence, string>()
  for (let first = 0; first < sentences.length; first++) {
    let end = first
    while (sentences[end]?.kind === 'row') end++
    const table = sentences.slice(first, end)
    const count = countHeaderRows(table.map((row) => text.slice(row.start, row.end)))
    const lead = text.slice(table[0]?.start, table[count - 1]?.end)
    for (const row of table.slice(0, count)) headers.add(row)
    for (const row of count === 0 ? [] : table.slice(count)) leads.set(row, lead)
    first = Math.max(first, end)
  }
  return { headers, leads }
}

/** A heading, or a short line of prose that is no sentence. */
function isTitle(sentence: Sentence, terms: readonly string[], text: string): boolean {
  if (sentence.kind !== 'prose') return sentence.kind === 'heading'
  const ends = /[.!?:;…"”)\]]$/.test(text.slice(sentence.start, sentence.end))
  return !ends && terms.length <= MOST_TITLE_TERMS && !terms.some(isNumber)
}

type Joined = Sentence & { readonly keepsLines: boolean }

/** With the sentence before when it leans on it, with the list after when it announces one. */
function joined(sentences: readonly Sentence[], place: number, text: string): Joined {
  const sentence = sentences[place]
  if (sentence === undefined) throw new RangeError(`There is no sentence ${place}.`)
  const keepsLines = sentence.kind === 'code' || sentence.kind === 'row'
  if (text[sentence.end - 1] === ':') {
    const listed = sentences
      .slice(place + 1)
      .filter(({ end }) => end - sentence.start <= LONGEST_LIST)
      .at(-1)
    if (listed !== undefined) return { ...sentence, end: listed.end, keepsLines: true }
  }
  const before = sentences[place - 1]
  if (before?.kind !== 'prose' || sentence.kind !== 'prose') return { ...sentence, keepsLines }
  const leans = LEANING.test(text.slice(sentence.start, sentence.end))
  const apart = /\n\s*\n/.test(text.slice(before.end, sentence.start))
  if (!leans || apart || sentence.end - before.start > LONGEST_JOINED) {
    return { ...sentence, keepsLines }
  }
  return { ...sentence, start: before.start, keepsLines }
}

function termsIn(text: string, { start, end }: Sentence): readonly string[] {
  return termsOf(text.slice(start, end))
}

function wholePassage(passage: RankedChunk, index: number): Unit[] {
  const text = passage.text.trim()
  if (text === '') return []
  const start = passage.text.indexOf(text)
  const span = { kind: 'prose', start, end: start + text.length, keepsLines: true } as const
  const around = new Set(termsOf(`${passage.title ?? ''} ${passage.context}`))
  return [{ ...unit(passage.text, span, null), passage: index, around }]
}
