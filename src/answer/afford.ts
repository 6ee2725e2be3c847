import type { Tokenizer } from '../core/ports/embedding-model.ts'
import type { Message, Question } from '../core/question.ts'
import type { Bill, Spending } from '../limits/spending.ts'
import type { Tariff } from '../limits/tariff.ts'
import type { ExpectedCall } from '../limits/work.ts'
import type { RequestCaps } from './guard/cap-request.ts'
import type { SearchDeps } from './search.ts'

export interface AffordDeps {
  readonly spending: Spending
  readonly tariff: Tariff
  readonly tokenizer: Tokenizer
  readonly defaultModel: string
  /** Answers where a budget runs low; null where none is configured. */
  readonly cheaperModel: string | null
  /** Who is asked, by what they are called, where a language model is away. */
  readonly fallbacks: readonly string[]
}

export interface Afforded {
  /** Who is to answer, by its registry name. */
  readonly model: string
  readonly bill: Bill
  readonly notices: readonly string[]
}

/** Our own rules around the passages: about 330 tokens, and 20 for the fence of each of a few. */
const PROMPT_TOKENS = 600
/** Of an answer whose length nobody has limited. */
const ANSWER_TOKENS = 1_000
const REWRITE_TOKENS = 120
/** What the rewriting is told, besides six turns of at most a thousand characters. */
const REWRITE_PROMPT_TOKENS = 200
/** Sentences that the extractive answerer embeds. */
const SENTENCE_TOKENS = 32 * 40

/**
 * Holds back what the answer may cost at most, before anything of it is spent; takes the cheaper model where a budget
 * runs low. Throws `budget_exceeded`.
 */
export async function afford(
  deps: AffordDeps & Pick<SearchDeps, 'embedder'>,
  question: Pick<
    Question,
    'answerId' | 'caller' | 'format' | 'model' | 'tenantId' | 'text' | 'tools'
  > &
    RequestCaps,
): Promise<Afforded> {
  const { tenantId, answerId, caller } = question
  const wanted = question.model ?? deps.defaultModel
  const cheaper = cheaperThan(wanted, question, deps)
  const models = cheaper === null ? [wanted] : [wanted, cheaper]
  const bill = await deps.spending.open({
    tenantId,
    account: { caller, answerId },
    budgets: caller.budgets,
    // Not counted where nothing asks for it.
    alternatives:
      caller.budgets.length === 0
        ? []
        : models.map((model) => expectedCalls(model, question, deps)),
  })
  const model = models[bill.granted] ?? wanted
  const notices =
    model === wanted ? [] : [`A budget runs low: ${model} answered in place of ${wanted}.`]
  return { model, bill, notices }
}

function cheaperThan(
  wanted: string,
  { tools, format }: Pick<Question, 'format' | 'tools'>,
  { cheaperModel, tariff }: AffordDeps,
): string | null {
  if (cheaperModel === null || cheaperModel === wanted) return null
  // The passages' own sentences can neither call a tool nor keep to a format.
  const needsModel = format !== undefined || (tools !== undefined && tools.choice !== 'none')
  return needsModel && tariff(cheaperModel).builtIn ? null : cheaperModel
}

function expectedCalls(
  model: string,
  question: Pick<Question, 'text'> & RequestCaps,
  { embedder, fallbacks, tariff, tokenizer }: AffordDeps & Pick<SearchDeps, 'embedder'>,
): readonly ExpectedCall[] {
  const { history, contextTokens, fixedTokens, maxOutputTokens, text } = question
  const spoken = countHistory(history, tokenizer)
  const answer = {
    model,
    inputTokens: PROMPT_TOKENS + fixedTokens + spoken + contextTokens,
    outputTokens: maxOutputTokens ?? ANSWER_TOKENS,
    fallbacks: tariff(model).builtIn ? [] : fallbacks,
  }
  const asked = tokenizer.count(text)
  const rewrite = {
    model,
    inputTokens: REWRITE_PROMPT_TOKENS + spoken + asked,
    outputTokens: REWRITE_TOKENS,
  }
  const sentences = tariff(model).builtIn ? asked + SENTENCE_TOKENS : 0
  return [
    answer,
    ...(history.length === 0 ? [] : [rewrite]),
    ...(embedder === null
      ? []
      : [{ model: embedder.id, inputTokens: asked + REWRITE_TOKENS + sentences, outputTokens: 0 }]),
  ]
}

function countHistory(history: readonly Message[], tokenizer: Tokenizer): number {
  return history
    .flatMap(({ text, toolCalls = [] }) => [text, ...toolCalls.map(({ result }) => result)])
    .reduce((sum, text) => sum + tokenizer.count(text), 0)
}
