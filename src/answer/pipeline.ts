import type { AnswerEvent, TokenUsage } from '../core/answer.ts'
import type { Answer } from '../core/ask.ts'
import type { GenerateEvent } from '../core/ports/chat-model.ts'
import type { Meter } from '../limits/meter.ts'
import type { Question, ToolCall } from '../core/question.ts'
import { afford, type AffordDeps } from './afford.ts'
import { cancellable, unlessAborted, untilAborted } from './cancellable.ts'
import { choosePassages, type ChosenPassages } from './choose-passages.ts'
import { cite, type CitedEnd, type CitedEvent, type CiteOptions } from './cite/cite.ts'
import { uncited } from './cite/uncited.ts'
import { createAbstainer } from './generate/abstainer.ts'
import { ABSTENTION, type Answerer } from './generate/answerer.ts'
import { begin } from './generate/begin.ts'
import { createExtractiveAnswerer } from './generate/extractive-answerer.ts'
import type { SentenceMemory } from './generate/sentence-memory.ts'
import { checkQuestion } from './guard/check-question.ts'
import { capRequest } from './guard/cap-request.ts'
import { meteredEmbedders } from './metered-embedders.ts'
import { createTrail, type RecordDeps, type Trail } from './record/trail.ts'
import type { SearchDeps } from './search.ts'
import { standAlone, type StandAlone } from './stand-alone.ts'
import { createToolCalls } from './tool-calls.ts'

export interface AnswerDeps extends SearchDeps, RecordDeps, AffordDeps {
  /** By the registry's name, null for the default. Its calls are noted by the meter. Throws `model_not_found`. */
  readonly answerers: (name: string | null, meter: Meter) => Answerer
  /** Of the extractive answerer that stands in where a model fails. */
  readonly memory?: SentenceMemory
}

export const NOTHING_CITED_NOTICE =
  'No statement of this answer could be matched to a passage of the documents.'

export const STRUCTURED_NOTICE =
  'A structured answer carries no citations: the passages it was made from are the results of the search.'

type Finished = Extract<AnswerEvent, { type: 'finished' }>

/**
 * guard → afford → rewrite → retrieve → fuse → near-duplicates → diversify → pack → judge → generate → cite → record.
 * To come: injection guards and personal data in guard, the caches after it, the reranker after fuse.
 */
export function createAnswer(deps: AnswerDeps): Answer {
  return (question, signal) => cancellable((linked) => run(deps, question, linked), signal)
}

async function* run(
  deps: AnswerDeps,
  question: Question,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  const { settings } = deps
  const text = checkQuestion(question.text, { ...settings, param: 'input' })
  const caps = capRequest({ ...question, text }, deps)
  const { history, maxOutputTokens } = caps
  const { model, bill, ...afforded } = await afford(deps, { ...question, ...caps, text })
  const { meter, warnings } = bill
  const asked = { ...question, question: text, query: text, model }
  const trail = createTrail(deps, asked, bill)
  try {
    const answerer = deps.answerers(model, meter)
    const metered = withMeter(deps, meter)
    const rewritten = await rewrite({ question: text, history, answerer }, { trail, signal })
    const { query } = rewritten
    trail.query(query)
    const within = { ...metered, settings: { ...settings, contextTokens: caps.contextTokens } }
    const chosen = await choosePassages(within, { ...question, query }, { trail, signal })
    const { passages, embedded } = chosen
    caps.requireRoom(passages)
    yield { type: 'searched', query, chunks: passages, warnings }

    const abstains = mayAbstain(question) && isUnanswerable(chosen, settings)
    const first = abstains ? createAbstainer(answerer.name) : answerer
    const fallback = createExtractiveAnswerer({ ...metered, abstains: settings.abstainBelow > 0 })
    const asking = { query, embedded, history, passages, maxOutputTokens }
    const request = { ...question, question: text, ...asking }
    const begun = performance.now()
    const generation = await trail.stage(
      'generate',
      () => unlessAborted(begin({ first, fallback }, request, signal), signal),
      ({ model }) => ({ model, abstains, passages: passages.length }),
    )
    trail.model(generation.model)

    const since = performance.now()
    const written = untilAborted(generation.events, signal)
    const events = prove(written, { passages, question: query, format: question.format })
    const toolCalls = createToolCalls()
    let end: CitedEnd | null = null
    for await (const event of events) {
      if (event.type === 'end') end = event
      else yield toolCalls.noted(event)
    }
    if (end === null) throw new Error('The cite stage ended without its end.')
    const { citations, removed, reason } = end
    const usage = sum(rewritten.usage, end.usage)
    trail.note('cite', since, { citations: citations.length, removed })
    if (generation.model === fallback.name && !abstains) {
      meter.note(fallback.name, end.usage, performance.now() - begun)
    }
    trail.usage(usage)
    trail.cited(citations)

    const outcome = end.text.trim() === ABSTENTION ? 'abstained' : 'answered'
    const { calls } = toolCalls
    const unproven = unprovenNotices({ outcome, citations, calls, format: question.format })
    const notices = [
      ...warnings,
      ...afforded.notices,
      ...chosen.notices,
      ...generation.notices,
      ...unproven,
    ]
    await trail.record(outcome)
    yield {
      type: 'finished',
      outcome,
      reason,
      model: generation.model,
      text: end.text,
      citations,
      toolCalls: calls,
      usage,
      notices,
    }
  } catch (error) {
    await trail.record(signal.aborted ? 'cancelled' : 'failed')
    throw error
  } finally {
    // Reached without a record when the consumer stopped reading.
    await trail.record('cancelled')
  }
}

function withMeter<Deps extends SearchDeps>(deps: Deps, meter: Meter): Deps {
  return { ...deps, ...meteredEmbedders(deps, meter) }
}

async function rewrite(
  asked: Parameters<typeof standAlone>[0],
  { trail, signal }: { readonly trail: Trail; readonly signal: AbortSignal },
): Promise<Pick<StandAlone, 'query' | 'usage'>> {
  // The first question of a conversation leans on nothing.
  if (asked.history.length === 0) return { query: asked.question, usage: NO_USAGE }
  return trail.stage(
    'rewrite',
    () => standAlone(asked, signal),
    ({ by, because }) => (because === null ? { by } : { by, because }),
  )
}

function isUnanswerable(
  { passages, answerability }: ChosenPassages,
  { abstainBelow }: AnswerDeps['settings'],
): boolean {
  return passages.length === 0 || answerability < abstainBelow
}

function prove(
  written: AsyncIterable<GenerateEvent>,
  { format, ...options }: CiteOptions & { readonly format: Question['format'] },
): AsyncIterable<CitedEvent> {
  return format === undefined ? cite(written, options) : uncited(written)
}

function unprovenNotices(
  answer: Pick<Finished, 'citations' | 'outcome'> & {
    readonly calls: readonly ToolCall[]
    readonly format: Question['format']
  },
): readonly string[] {
  const { outcome, citations, calls, format } = answer
  if (outcome === 'abstained' || citations.length > 0 || calls.length > 0) return []
  return [format === undefined ? NOTHING_CITED_NOTICE : STRUCTURED_NOTICE]
}

const NO_USAGE: TokenUsage = { inputTokens: 0, outputTokens: 0 }

function sum(left: TokenUsage, right: TokenUsage): TokenUsage {
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    ...(left.cachedTokens === undefined && right.cachedTokens === undefined
      ? {}
      : { cachedTokens: (left.cachedTokens ?? 0) + (right.cachedTokens ?? 0) }),
    ...(left.estimated === true || right.estimated === true ? { estimated: true } : {}),
  }
}

/** A tool may know what the documents do not; an answer in a format has fields to leave empty. */
function mayAbstain({ tools, format }: Question): boolean {
  return format === undefined && (tools === undefined || tools.choice === 'none')
}
