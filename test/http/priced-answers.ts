import { setTimeout as sleep } from 'node:timers/promises'
import { createExtractiveAnswerer } from '../../src/answer/generate/extractive-answerer.ts'
import { createAnswer } from '../../src/answer/pipeline.ts'
import { DEFAULT_RETRIEVAL_SETTINGS } from '../../src/answer/settings.ts'
import { createAnswerers } from '../../src/app/answerers.ts'
import type { Answer } from '../../src/core/ask.ts'
import type { Limits } from '../../src/core/limits.ts'
import type { ModelInfo, ModelPrice } from '../../src/core/model.ts'
import { createNoteQuestion } from '../../src/http/note-questions.ts'
import { createSpending, type Spending } from '../../src/limits/spending.ts'
import type { BudgetSettings } from '../../src/limits/work.ts'
import type { Tariff } from '../../src/limits/tariff.ts'
import { createBudgets } from '../../src/storage/budgets.ts'
import { createChunkIndex } from '../../src/storage/chunk-index.ts'
import { createUsageLedger } from '../../src/storage/usage-ledger.ts'
import { createFakeChatModel, type FakeChatModelOptions } from '../fake-chat-model.ts'
import { EXAMPLE_MODELS } from './example-models.ts'
import type { HttpWorld } from './world.ts'

/** A token costs a millionth, read or written: a cost is the tokens of it. */
const LARGE_PRICE: ModelPrice = {
  inputPerMillion: 1,
  outputPerMillion: 1,
  currency: 'USD',
  asOf: '2026-11-01',
}
const SMALL_PRICE: ModelPrice = { ...LARGE_PRICE, inputPerMillion: 0.1, outputPerMillion: 0.1 }
const PRICES = { large: LARGE_PRICE, small: SMALL_PRICE, unpriced: null }

const QUESTION = 'How long is the notice period of the lease?'
export const ask = { model: 'large', input: QUESTION, max_output_tokens: 50 } as const
/** Tokens held back for `ask`: our rules and the question, the passages, and what may be written. */
export const HELD_BACK = 600 + Math.ceil(QUESTION.length / 4) + 100 + 50

type Models = Partial<Record<keyof typeof PRICES, FakeChatModelOptions>>

export interface Priced {
  /** As long as a question stands in the queue in front of answering. */
  readonly queuedMs?: number
  /** Answers where a budget runs low; none does where it is absent. */
  readonly cheaperModel?: string
  readonly fallbacks?: readonly string[]
  readonly tier?: Partial<Limits>
  readonly models?: Models
  readonly settings?: Partial<BudgetSettings>
  /** In place of the one with budgets and a ledger. */
  readonly spending?: Spending
}

/** What an application is made of whose language models have a price, and whose tenants have these limits and no others. */
export function pricedDeps(world: HttpWorld, priced: Priced = {}) {
  const { database, answers, logger, auditLog, tenantDirectory } = world.deps
  const models = { large: {}, small: {}, unpriced: {}, ...priced.models }
  const { fallbacks = [] } = priced
  const tokenizer = { count: (text: string) => Math.ceil(text.length / 4) }
  const tariff: Tariff = (model) =>
    model in PRICES
      ? { price: PRICES[model as keyof typeof PRICES], builtIn: false }
      : { price: null, builtIn: true }
  const spending =
    priced.spending ??
    createSpending({
      budgets: createBudgets({ database }),
      ledger: createUsageLedger({ database, currency: 'USD' }),
      tariff,
      tokenizer,
      settings: {
        currency: 'USD',
        warnAt: 0.8,
        cheaperAt: 0.9,
        leaseSeconds: 60,
        ...priced.settings,
      },
    })
  const chats = new Map(
    Object.entries(models).map(([id, options]) => [
      id,
      createFakeChatModel({ id, deltas: ['Sixty', ' days', ' [1].'], ...options }),
    ]),
  )
  const extractive = createExtractiveAnswerer({ embedder: null, tokenizer })
  const answer = createAnswer({
    spending,
    tariff,
    tokenizer,
    database,
    answers,
    defaultModel: 'extractive',
    cheaperModel: priced.cheaperModel ?? null,
    fallbacks,
    chunkIndex: createChunkIndex({ space: null }),
    embedder: null,
    settings: {
      ...DEFAULT_RETRIEVAL_SETTINGS,
      contextTokens: 100,
      abstainBelow: 0,
    },
    clock: () => new Date(),
    noteQuestion: createNoteQuestion({ auditLog, tenantDirectory }),
    onError: (error) => logger.error(error),
    answerers: createAnswerers({
      chat: (name) => chats.get(name) ?? null,
      extractive: () => extractive,
      settings: { models: [], defaultModel: 'extractive', fallbacks },
      onFailure: () => undefined,
    }),
  })
  const infos = Object.entries(PRICES).map(([name, price]): ModelInfo => ({
    name,
    kind: 'chat',
    ownedBy: 'openai-compatible',
    contextTokens: 8192,
    price,
  }))
  return {
    chats,
    overrides: {
      spending,
      answer: queued(answer, priced.queuedMs ?? 0),
      models: [...EXAMPLE_MODELS, ...infos],
      tiers: new Map([['enterprise', priced.tier ?? {}]]),
    },
  }
}

function queued(answer: Answer, milliseconds: number): Answer {
  if (milliseconds === 0) return answer
  return async function* (question, signal) {
    await sleep(milliseconds)
    yield* answer(question, signal)
  }
}
