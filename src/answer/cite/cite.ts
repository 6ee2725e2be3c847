import { pageOf } from '../../core/chunk.ts'
import type {
  Citation,
  FinishReason,
  RankedChunk,
  TokenUsage,
  ToolCallEvent,
} from '../../core/answer.ts'
import type { GenerateEvent } from '../../core/ports/chat-model.ts'
import { sentencesOf } from '../sentences.ts'
import { createMarkerScanner, type Token } from './markers.ts'
import { findSupport } from './support.ts'

export interface CitedEnd {
  readonly type: 'end'
  readonly text: string
  readonly citations: readonly Citation[]
  /** Numbers the model wrote that nothing bears out. */
  readonly removed: readonly number[]
  readonly reason: FinishReason
  readonly usage: TokenUsage
}

export type CitedEvent =
  | { readonly type: 'text'; readonly delta: string }
  | { readonly type: 'citation'; readonly citation: Citation }
  | ToolCallEvent
  | CitedEnd

export interface CiteOptions {
  /** `[n]` stands for the n-th, 1-based. */
  readonly passages: readonly RankedChunk[]
  readonly question: string
}

// Below this a quotation would not convince anyone; a paraphrase in other words still reaches it by its names.
const LEAST_SUPPORT = 0.15

const LONGEST = 60
const OPEN_MARKER = /[[【]\s*\d{1,3}(?:\s*[,;–-]\s*\d{0,3})*\s*$/

/**
 * Resolves every marker of a streamed answer to the bytes that bear it out. A marker that names no passage, or one
 * that does not support the claim before it, is removed. Never gives out half a marker; the result does not
 * depend on how the stream was cut.
 */
export async function* cite(
  events: AsyncIterable<GenerateEvent>,
  options: CiteOptions,
): AsyncGenerator<CitedEvent> {
  const scanner = createMarkerScanner()
  const writer = createWriter(options)
  let finish: { reason: FinishReason; usage: TokenUsage } | null = null
  for await (const event of events) {
    if (event.type === 'finish') finish = event
    else if (event.type === 'text') yield* writer.write(scanner.push(event.text))
    else {
      // What was said before a call is not to come after it.
      yield* writer.write(scanner.end())
      yield event
    }
  }
  yield* writer.write(scanner.end())
  const { reason, usage } = finish ?? NO_FINISH
  yield { type: 'end', ...writer.result(), reason, usage }
}

const NO_FINISH = { reason: 'stop', usage: { inputTokens: 0, outputTokens: 0 } } as const

interface Writer {
  write(tokens: readonly Token[]): readonly CitedEvent[]
  result(): { text: string; citations: readonly Citation[]; removed: readonly number[] }
}

function createWriter({ passages, question }: CiteOptions): Writer {
  const citations: Citation[] = []
  const removed: number[] = []
  let text = ''
  /** Blanks wait: a marker that goes takes the blanks before it along. */
  let blanks = ''
  let markerRemoved = false
  let blanksAfterRemoved = ''
  /** Text since the last marker, and the claim of the marker before, for markers that follow one another. */
  let sinceMarker = ''
  let lastClaim = ''
  let events: CitedEvent[] = []

  const emit = (delta: string) => {
    if (delta === '') return
    text += delta
    const last = events.at(-1)
    if (last?.type === 'text')
      events[events.length - 1] = { type: 'text', delta: last.delta + delta }
    else events.push({ type: 'text', delta })
  }
  const emitBlanks = (next: string) => {
    const due = markerRemoved ? blanksAround(blanks, blanksAfterRemoved, next) : blanks
    blanks = ''
    blanksAfterRemoved = ''
    markerRemoved = false
    sinceMarker += due
    if (text !== '') emit(due)
  }
  const writeText = (piece: string) => {
    emitBlanks(piece)
    sinceMarker += piece
    emit(piece)
  }
  const writeBlank = (piece: string) => {
    if (markerRemoved) blanksAfterRemoved += piece
    else blanks += piece
  }
  const writeMarker = (numbers: readonly number[]) => {
    if (/[\p{L}\p{N}]/u.test(sinceMarker)) lastClaim = sinceMarker
    sinceMarker = ''
    for (const number of numbers) {
      const citation = resolve(number, lastClaim)
      if (citation === null) {
        removed.push(number)
        markerRemoved = true
        blanksAfterRemoved = ''
        continue
      }
      emitBlanks('[')
      const placed = { ...citation, index: text.length }
      emit(`[${number}]`)
      citations.push(placed)
      events.push({ type: 'citation', citation: placed })
    }
    sinceMarker = ''
  }
  const resolve = (number: number, claim: string): Omit<Citation, 'index'> | null => {
    const passage = passages[number - 1]
    return passage === undefined ? null : citationOf(number, passage, { claim, question })
  }

  return {
    write(tokens) {
      events = []
      for (const token of tokens) {
        if (token.type === 'marker') writeMarker(token.numbers)
        else if (token.type === 'blank') writeBlank(token.text)
        else if (token.type === 'code') writeText(token.text)
        else writeText(withoutNewMarkers(text, token.text))
      }
      return events
    },
    result: () => ({ text, citations, removed }),
  }
}

/** "said [9]." loses the blank before the marker, "said [9] that" keeps one of two, a line end stays. */
function blanksAround(before: string, after: string, next: string): string {
  if (after === '') return /^[.,;:!?)\]}»”’…]/.test(next) ? '' : before
  return before.includes('\n') ? before : after
}

/** What closes round a removed marker must not become one: "[0[9]]" is not to read "[0]". */
function withoutNewMarkers(before: string, piece: string): string {
  return piece.replaceAll(/[\]】]/g, (bracket, place: number) =>
    OPEN_MARKER.test(before.slice(-LONGEST) + piece.slice(0, place)) ? '' : bracket,
  )
}

function citationOf(
  number: number,
  passage: RankedChunk,
  { claim, question }: { readonly claim: string; readonly question: string },
): Omit<Citation, 'index'> | null {
  // What is left of the sentence before, after its marker.
  const sinceMarker = claim.replace(/^[\s.,;:!?)]+/, '')
  const last = sentencesOf(sinceMarker).at(-1)
  const sentence = last === undefined ? sinceMarker : sinceMarker.slice(last.start, last.end)
  const support = findSupport({ sinceMarker, sentence, question }, passage)
  if (support === null || support.coverage < LEAST_SUPPORT) return null
  const { start, end, quote } = proofOf(passage, support)
  if (!isExactly(passage, { start, end, quote })) return null
  return {
    number,
    vectorStoreId: passage.vectorStoreId,
    fileId: passage.fileId,
    filename: passage.filename,
    chunkId: passage.chunkId,
    start,
    end,
    page: pageOf(passage, start),
    quote,
    score: support.score,
    ...(passage.originText === undefined ? {} : { edited: true as const }),
  }
}

interface Proof {
  readonly start: number
  readonly end: number
  readonly quote: string
}

/** The place in the document. Of an edited passage nobody knows which of its bytes a sentence stands for: it is all of them. */
function proofOf(passage: RankedChunk, support: { start: number; end: number }): Proof {
  const { text, originText, start: first, end: last } = passage
  if (originText !== undefined) return { start: first, end: last, quote: originText }
  const quote = text.slice(support.start, support.end)
  const start = first + Buffer.byteLength(text.slice(0, support.start))
  return { start, end: start + Buffer.byteLength(quote), quote }
}

/** The last check before a reader is told: the bytes are the quotation, and lie inside the passage. */
function isExactly(passage: RankedChunk, span: Proof): boolean {
  const bytes = Buffer.from(passage.originText ?? passage.text)
  if (span.quote === '' || passage.end - passage.start !== bytes.length) return false
  const found = bytes.subarray(span.start - passage.start, span.end - passage.start)
  return found.equals(Buffer.from(span.quote))
}
