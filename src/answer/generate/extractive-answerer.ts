import type { FinishReason } from '../../core/answer.ts'
import type { GenerateEvent } from '../../core/ports/chat-model.ts'
import type { EmbeddingModel, Tokenizer } from '../../core/ports/embedding-model.ts'
import { jaccard } from '../words.ts'
import { ABSTENTION, type Answerer } from './answerer.ts'
import { unitsOf } from './passage-units.ts'
import { scoreUnits, type ScoredUnit } from './score-units.ts'
import type { SentenceMemory } from './sentence-memory.ts'

const EXTRACTIVE = 'extractive'

const MOST_SENTENCES = 4
// A sentence this far behind the best one answers something else.
const CLOSE_ENOUGH = 0.8
const SAME = 0.6

// What this costs and gains is measured in docs/abstention.md.
const LEAST_SUPPORT = 0.6

export interface ExtractiveAnswererOptions {
  /** Null chooses by words alone. */
  readonly embedder: EmbeddingModel | null
  readonly memory?: SentenceMemory
  readonly tokenizer: Tokenizer
  /** False gives the nearest sentences, however far off. */
  readonly abstains?: boolean
}

/**
 * Answers in the passages' own sentences, each cited. Needs no key and no language model.
 * Says that the documents do not say when no sentence speaks of what was asked.
 */
export function createExtractiveAnswerer({
  embedder,
  memory,
  tokenizer,
  abstains = true,
}: ExtractiveAnswererOptions): Answerer {
  return {
    name: EXTRACTIVE,
    async *answer(request, signal): AsyncGenerator<GenerateEvent> {
      const all = await scoreUnits(unitsOf(request.passages), request, { embedder, memory, signal })
      const answers = !abstains || all.some(({ support }) => support >= LEAST_SUPPORT)
      const scored = answers ? all : []
      const inputTokens =
        tokenizer.count(request.query) +
        request.passages.reduce((sum, { tokens }) => sum + tokens, 0)
      let outputTokens = 0
      let reason: FinishReason = 'stop'
      let previous: ScoredUnit | null = null
      for (const unit of arrange(choose(scored))) {
        signal.throwIfAborted()
        const text = `${gap(previous, unit)}${spoken(unit, previous)} [${unit.passage + 1}]`
        const left = (request.maxOutputTokens ?? Number.POSITIVE_INFINITY) - outputTokens
        const fitting = fit(text, left, tokenizer)
        outputTokens += tokenizer.count(fitting)
        if (fitting !== '') yield { type: 'text', text: fitting }
        if (fitting !== text) {
          reason = 'length'
          break
        }
        previous = unit
      }
      if (scored.length === 0) yield { type: 'text', text: ABSTENTION }
      yield { type: 'finish', reason, usage: { inputTokens, outputTokens } }
    },
  }
}

/** The best, and those nearly as good that add something. */
function choose(scored: readonly ScoredUnit[]): ScoredUnit[] {
  const chosen: ScoredUnit[] = []
  const [best] = scored
  if (best === undefined) return chosen
  for (const unit of scored) {
    if (chosen.length === MOST_SENTENCES || unit.score < best.score * CLOSE_ENOUGH) break
    if (!chosen.some((other) => repeats(unit, other))) chosen.push(unit)
  }
  return chosen
}

function repeats(unit: ScoredUnit, other: ScoredUnit): boolean {
  const overlaps =
    unit.passage === other.passage && unit.start < other.end && other.start < unit.end
  return overlaps || jaccard(unit.termSet, other.termSet) >= SAME
}

/** Passages in the order of their best sentence; within one, as its author wrote. */
function arrange(chosen: readonly ScoredUnit[]): ScoredUnit[] {
  const passages = [...new Set(chosen.map(({ passage }) => passage))]
  return passages.flatMap((passage) =>
    chosen
      .filter((unit) => unit.passage === passage)
      .sort((left, right) => left.start - right.start),
  )
}

/** Word for word; only the line ends of wrapped prose become blanks. */
function spoken(unit: ScoredUnit, previous: ScoredUnit | null): string {
  if (unit.kind === 'code') return `\`\`\`\n${unit.text.replace(/^\n+|\s+$/g, '')}\n\`\`\`\n`
  const said = unit.keepsLines ? unit.text : unit.text.replaceAll(/\s+/g, ' ')
  const underSameHeader = previous?.passage === unit.passage && previous.lead === unit.lead
  return closed(unit.lead === null || underSameHeader ? said : `${unit.lead}\n${said}`)
}

const FENCE = /^ {0,3}(?:`{3,}|~{3,})/gm

/** A chunk may end within code. Left open, all that is said after it would be code, and its markers too. */
function closed(text: string): string {
  const fences = text.match(FENCE) ?? []
  const [last = ''] = fences.slice(-1)
  return fences.length % 2 === 0 ? text : `${text}\n${last.trim()}\n`
}

function gap(previous: ScoredUnit | null, unit: ScoredUnit): string {
  if (previous === null) return ''
  if (unit.kind === 'row' && previous.kind === 'row' && previous.passage === unit.passage)
    return '\n'
  const flows = !unit.keepsLines && !previous.keepsLines && unit.kind === 'prose'
  return flows && previous.kind === 'prose' && previous.passage === unit.passage ? ' ' : '\n\n'
}

/** As many whole words as the budget holds. */
function fit(text: string, tokens: number, tokenizer: Tokenizer): string {
  if (tokenizer.count(text) <= tokens) return text
  const words = text.split(/(?<=\s)/)
  let fitting = ''
  for (const word of words) {
    if (tokenizer.count(fitting + word) > tokens) break
    fitting += word
  }
  return fitting.trimEnd()
}
