import type { Logger } from 'pino'
import { createExtractiveAnswerer } from '../answer/generate/extractive-answerer.ts'
import { createSentenceMemory } from '../answer/generate/sentence-memory.ts'
import { createMeteredSearch } from '../answer/metered-search.ts'
import { createAnswer, type AnswerDeps } from '../answer/pipeline.ts'
import type { Answer, Search } from '../core/ask.ts'
import type { AuditLog } from '../core/ports/audit.ts'
import type { EmbeddingModel } from '../core/ports/embedding-model.ts'
import type { EmbeddingSpaces } from '../core/ports/embedding-spaces.ts'
import type { Metrics } from '../core/ports/metrics.ts'
import { createNoteQuestion } from '../http/note-questions.ts'
import { createAdmittedAnswer } from '../limits/admission/admitted-answer.ts'
import type { Admission } from '../limits/admission/admission.ts'
import type { TenantDirectory } from '../tenancy/tenant-directory.ts'
import { createAnswerers } from './answerers.ts'
import type { Config } from './config.ts'
import { openAdmission } from './open-admission.ts'
import type { Models } from './open-models.ts'

/** Room for the vectors of about 18,000 sentences by the default model. */
const SENTENCE_BYTES = 32 * 1024 * 1024

export interface OpenedAnswering {
  readonly answer: Answer
  readonly search: Search
  /** The same search by the vectors of one model, whichever serves. */
  readonly searchBy: (embedder: EmbeddingModel | null) => Search
  readonly admission: Admission
}

/** What searches and answers, with the queue in front of it. */
export function openAnswering(
  config: Pick<Config, 'admission' | 'budgets' | 'chat' | 'retrieval'>,
  deps: Pick<AnswerDeps, 'answers' | 'chunkIndex' | 'database' | 'spending' | 'tariff'> & {
    readonly auditLog: AuditLog
    readonly models: Pick<Models, 'chat' | 'tokenizer'>
    readonly spaces: Pick<EmbeddingSpaces, 'refresh' | 'serving'>
    readonly tenantDirectory: TenantDirectory
    readonly logger: Logger
    readonly metrics: Pick<Metrics, 'gauge'>
  },
): OpenedAnswering {
  const { answers, auditLog, logger, models, tenantDirectory } = deps
  const { spaces } = deps
  const { tokenizer } = models
  const searchDeps = {
    database: deps.database,
    chunkIndex: deps.chunkIndex,
    async nextEmbedder() {
      await spaces.refresh()
      return spaces.serving()
    },
    tokenizer,
    settings: config.retrieval,
    spending: deps.spending,
    tariff: deps.tariff,
  }
  const memory = createSentenceMemory({ maxBytes: SENTENCE_BYTES })
  // A question is answered by one model from its first stage to its last, whichever comes to serve meanwhile.
  const answerBy = byModel((embedder) =>
    createAnswer({
      ...searchDeps,
      embedder,
      memory,
      answers,
      noteQuestion: createNoteQuestion({ auditLog, tenantDirectory }),
      clock: () => new Date(),
      onError: (error) => logger.error({ error }, 'a trace was not recorded'),
      answerers: createAnswerers({
        chat: (name) => models.chat(name),
        extractive: (meter) =>
          createExtractiveAnswerer({
            embedder: embedder === null ? null : meter.embedding(embedder, 'embed_question'),
            memory,
            tokenizer,
          }),
        settings: config.chat,
        onFailure: (failure) => logger.warn(failure, 'a model failed'),
      }),
      defaultModel: config.chat.defaultModel,
      cheaperModel: config.budgets.cheaperModel,
      fallbacks: config.chat.fallbacks,
    }),
  )
  const searchBy = byModel((embedder) => createMeteredSearch({ ...searchDeps, embedder }))
  const admission = openAdmission(config.admission, deps.metrics)
  return {
    answer: createAdmittedAnswer({
      answer: (question, signal) => answerBy(spaces.serving())(question, signal),
      admission,
      writesHere: (name) => models.chat(name ?? config.chat.defaultModel) === null,
      openAnswers: config.admission.openAnswers,
    }),
    search: (request, signal) => searchBy(spaces.serving())(request, signal),
    searchBy,
    admission,
  }
}

/** Each model has one, made when it is first asked. */
function byModel<Made>(
  make: (embedder: EmbeddingModel | null) => Made,
): (embedder: EmbeddingModel | null) => Made {
  const made = new Map<EmbeddingModel | null, Made>()
  return (embedder) => {
    const known = made.get(embedder) ?? make(embedder)
    made.set(embedder, known)
    return known
  }
}
