// Fits how likely it is that the documents hold an answer, and measures how often that is wrong:
//   node bench/calibrate-abstention.ts
// writes src/answer/judge/calibration.ts and docs/abstention.md.
import { writeFile } from 'node:fs/promises'
import { cosine } from '../src/answer/cosine.ts'
import { fuse } from '../src/answer/fuse/reciprocal-rank.ts'
import { ABSTENTION } from '../src/answer/generate/answerer.ts'
import { createExtractiveAnswerer } from '../src/answer/generate/extractive-answerer.ts'
import { evidenceOf, type Calibration, type Evidence } from '../src/answer/judge/evidence.ts'
import { DEFAULT_RETRIEVAL_SETTINGS } from '../src/answer/settings.ts'
import { contentTermsOf, coverage, rarityIn, termsOf, type Rarity } from '../src/answer/words.ts'
import type { Candidate, RankedChunk } from '../src/core/answer.ts'
import type { EmbeddingModel } from '../src/core/ports/embedding-model.ts'
import { createLocalEmbedder } from '../src/providers/local-embedder.ts'
import { findModelFiles } from '../src/providers/model-files.ts'
import { createTokenizer } from '../src/providers/tokenizer.ts'
import { describeAbstention, type ExtractiveRate, type Rate } from './abstention-page.ts'
import { readCollection, type Collection } from './collection.ts'
import { fitLogistic, probabilityOf } from './logistic.ts'

/** One question asked of one store. */
interface Case {
  readonly store: string
  readonly asked: string
  readonly kind: Rate['kind']
  /** Every second question is fitted on; the others are measured. */
  readonly fitted: boolean
  readonly evidence: Evidence
}

const FITTED = ['xquad-en', 'scifact', 'anthropic-codebases']
const MEASURED_ONLY = ['xquad-de']
const QUESTIONS = 240
const CANDIDATES = 100
const EXTRACTIVE_QUESTIONS = 60
const UNSET = {
  tenantId: 'bench',
  history: [],
  instructions: null,
  maxOutputTokens: null,
  temperature: null,
  topP: null,
}
// The price of a false answer is trust, that of a false abstention a question asked again; yet an assistant that
// shrugs at what is there is not used. This share of answerable questions may be lost.
const FALSE_ABSTENTIONS = 0.03

interface Store {
  readonly name: string
  readonly candidates: readonly Candidate[]
  readonly terms: readonly ReadonlySet<string>[]
  readonly rarity: Rarity
}

interface AskedQuestion {
  readonly text: string
  readonly vector: Float32Array
  readonly answers: ReadonlySet<string>
}

const files = await findModelFiles({ directories: [] })
if (files === null) throw new Error('The local embedding model is not installed.')
const embedder = await createLocalEmbedder({ files })
const tokenizer = await createTokenizer({ folder: files.folder })
const extractive: ExtractiveRate[] = []
const cases = await collectCases(embedder)
await embedder.close()

const fitted = cases.filter((item) => item.fitted && FITTED.includes(item.store))
const byModel = calibrate(withRewordings(fitted), ['coverage', 'similarity'])
const byOtherModel = calibrate(withRewordings(fitted), ['coverage'])
const byWords = calibrate(fitted, ['coverage', 'known'])
const measured = cases.filter(
  (item) =>
    !item.fitted || MEASURED_ONLY.includes(item.store) || MEASURED_ONLY.includes(item.asked),
)
const tables = {
  byModel: rates(measured, byModel),
  byOtherModel: rates(measured, byOtherModel),
  byWords: rates(measured, byWords),
}

await writeFile(
  new URL('../src/answer/judge/calibration.ts', import.meta.url),
  `// Written by bench/calibrate-abstention.ts: not to be edited by hand.
import type { Calibration } from './evidence.ts'

/** For a search by words alone. */
export const BY_WORDS: Calibration = ${literal(byWords)}

/** For an embedding model that is not below: it finds what words would miss, so words must not ask for much. */
export const BY_OTHER_MODEL: Calibration = ${literal(byOtherModel)}

/** By the embedding model's id: another model's cosines lie elsewhere. */
export const BY_MODEL: Readonly<Record<string, Calibration>> = {
  '${embedder.id}': ${literal(byModel)},
}
`,
)
await writeFile(
  new URL('../docs/abstention.md', import.meta.url),
  describeAbstention({
    model: embedder.id,
    fitted: FITTED,
    extractive,
    falseAbstentions: FALSE_ABSTENTIONS,
    ...tables,
  }),
)
console.table(tables.byModel.map(({ points, ...row }) => ({ ...row, at: points[2]?.wrong })))

async function collectCases(model: EmbeddingModel): Promise<Case[]> {
  const collected: Case[] = []
  const collections = await Promise.all([...FITTED, ...MEASURED_ONLY].map(readCollection))
  const questions = new Map<string, readonly AskedQuestion[]>()
  for (const collection of collections) {
    questions.set(collection.name, await embedQuestions(model, collection))
  }
  for (const collection of collections) {
    process.stderr.write(`embedding ${collection.documents.length} of ${collection.name}\n`)
    const store = await createStore(model, collection)
    extractive.push(...(await askExtractively(model, store, questions.get(store.name) ?? [])))
    for (const [asked, list] of questions) {
      if (isTranslation(asked, store.name)) continue
      list.forEach((question, place) => {
        const add = (kind: Case['kind'], without: ReadonlySet<string>) => {
          const evidence = evidenceOf(
            { query: question.text, vector: question.vector },
            search(store, question, without),
          )
          collected.push({ store: store.name, asked, kind, fitted: place % 2 === 0, evidence })
        }
        add(asked === store.name ? 'own' : 'other', new Set())
        if (asked === store.name) add('removed', question.answers)
      })
    }
  }
  return collected
}

/** Both hold the same paragraphs: a question in one language is answered by the other, but hardly to be found. */
function isTranslation(asked: string, store: string): boolean {
  return asked !== store && asked.startsWith('xquad') && store.startsWith('xquad')
}

/** How often the extractive answerer itself abstains, with the passages that answer and without them. */
async function askExtractively(
  model: EmbeddingModel,
  store: Store,
  questions: readonly AskedQuestion[],
): Promise<ExtractiveRate[]> {
  const answerer = createExtractiveAnswerer({ embedder: model, tokenizer })
  const some = questions.filter((_, place) => place % (QUESTIONS / EXTRACTIVE_QUESTIONS) === 1)
  const measuredRates: ExtractiveRate[] = []
  for (const kind of ['own', 'removed'] as const) {
    let abstained = 0
    for (const question of some) {
      const without = kind === 'removed' ? question.answers : new Set<string>()
      const passages = search(store, question, without).slice(
        0,
        DEFAULT_RETRIEVAL_SETTINGS.maxChunks,
      )
      const request = { ...UNSET, question: question.text, query: question.text, passages }
      const events = await Array.fromAsync(answerer.answer(request, new AbortController().signal))
      if (events.some((event) => event.type === 'text' && event.text === ABSTENTION)) abstained++
    }
    measuredRates.push({
      store: store.name,
      kind,
      questions: some.length,
      abstained: abstained / some.length,
    })
  }
  return measuredRates
}

async function embedQuestions(
  model: EmbeddingModel,
  collection: Collection,
): Promise<AskedQuestion[]> {
  const step = Math.max(1, Math.floor(collection.questions.length / QUESTIONS))
  const some = collection.questions.filter((_, place) => place % step === 0).slice(0, QUESTIONS)
  const vectors = await model.embed(
    some.map(({ text }) => text),
    { kind: 'query' },
  )
  return some.map(({ text, judgements }, place) => ({
    text,
    vector: vectors[place] ?? new Float32Array(),
    answers: new Set(judgements.keys()),
  }))
}

async function createStore(model: EmbeddingModel, collection: Collection): Promise<Store> {
  const texts = collection.documents.map(({ title, text }) => `${title}\n${text}`)
  const vectors = await model.embed(texts, { kind: 'passage' })
  const terms = texts.map((text) => new Set(termsOf(text)))
  const candidates = collection.documents.map(({ id, title, text }, ordinal) => ({
    chunkId: id,
    vectorStoreId: 'vs',
    fileId: id,
    filename: id,
    attributes: {},
    title,
    ordinal,
    start: 0,
    end: Buffer.byteLength(text),
    text,
    context: title,
    headings: [],
    page: null,
    tokens: 0,
    similarity: null,
    bm25: null,
    vector: vectors[ordinal] ?? null,
  }))
  return { name: collection.name, candidates, terms, rarity: rarityIn(terms) }
}

/** What the two searches would give, fused: the nearest, and those that share the rarest words. Exact. */
function search(
  store: Store,
  question: AskedQuestion,
  without: ReadonlySet<string>,
): RankedChunk[] {
  const wanted = contentTermsOf(question.text)
  const left = store.candidates.map((candidate, place) => ({
    candidate,
    near: candidate.vector === null ? 0 : cosine(candidate.vector, question.vector),
    shared: coverage(wanted, store.terms[place] ?? new Set(), store.rarity),
  }))
  const allowed = left.filter(({ candidate }) => !without.has(candidate.chunkId))
  const near = best(allowed, ({ near: score }) => score)
  const shared = best(allowed, ({ shared: score }) => score)
  const found = [...near.union(shared)].map((item) => ({
    ...item.candidate,
    similarity: near.has(item) ? item.near : null,
    bm25: shared.has(item) ? item.shared : null,
  }))
  return fuse(found, { k: 10, denseWeight: 1, lexicalWeight: 1 })
}

function best<Item>(items: readonly Item[], scoreOf: (item: Item) => number): Set<Item> {
  return new Set(
    items
      .filter((item) => scoreOf(item) > 0)
      .sort((left, right) => scoreOf(right) - scoreOf(left))
      .slice(0, CANDIDATES),
  )
}

type Feature = 'coverage' | 'known' | 'margin' | 'similarity'

/** Fits, then moves the bias so that exactly FALSE_ABSTENTIONS of the answerable fall below one half. */
function calibrate(fittedCases: readonly Case[], features: readonly Feature[]): Calibration {
  // Questions whose documents were taken away are too often answered by others to be taught as unanswerable.
  const taught = fittedCases.filter(({ kind }) => kind !== 'removed')
  const weights = fitLogistic(
    taught.map(({ evidence, kind }) => ({
      features: features.map((feature) => evidence[feature] ?? 0),
      positive: isAnswerable(kind),
    })),
  )
  const [bias = 0, ...rest] = weights
  const of = (feature: Feature) => rest[features.indexOf(feature)] ?? 0
  const calibration = {
    bias,
    coverage: of('coverage'),
    known: of('known'),
    similarity: of('similarity'),
    margin: of('margin'),
  }
  const own = taught
    .filter(({ kind }) => isAnswerable(kind))
    .map(({ evidence }) => probabilityOf(calibration, evidence))
    .sort((left, right) => left - right)
  const cut = own[Math.floor(own.length * FALSE_ABSTENTIONS)] ?? 0.5
  return { ...calibration, bias: bias - Math.log(cut / (1 - cut)) }
}

/**
 * The questions of these collections were written beside the text, in its words. Someone who has not read it uses
 * others: half of what the words prove is taken away.
 */
function reworded(item: Case): Case {
  const { coverage: covered, known } = item.evidence
  return {
    ...item,
    kind: 'reworded',
    evidence: { ...item.evidence, coverage: covered / 2, known: known / 2 },
  }
}

function withRewordings(items: readonly Case[]): Case[] {
  return items.flatMap((item) => (item.kind === 'own' ? [item, reworded(item)] : [item]))
}

function isAnswerable(kind: Case['kind']): boolean {
  return kind === 'own' || kind === 'reworded'
}

function rates(measuredCases: readonly Case[], calibration: Calibration): Rate[] {
  const groups = Map.groupBy(
    withRewordings(measuredCases),
    ({ store, asked, kind }) => `${store} ${asked} ${kind}`,
  )
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const scores = group.map(({ evidence }) => probabilityOf(calibration, evidence))
    const points = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map((threshold) => {
      const abstained = scores.filter((score) => score < threshold).length / scores.length
      return { threshold, wrong: isAnswerable(first.kind) ? abstained : 1 - abstained }
    })
    const { store, asked, kind } = first
    return [{ store, asked, kind, questions: group.length, points }]
  })
}

function literal(calibration: Calibration): string {
  const entries = Object.entries(calibration).map(([name, value]) => `${name}: ${value.toFixed(3)}`)
  return `{ ${entries.join(', ')} }`
}
