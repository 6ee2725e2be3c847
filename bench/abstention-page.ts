import { cpus } from 'node:os'

/** How often one set of questions, asked of one store, was judged wrongly at each threshold. */
export interface Rate {
  readonly store: string
  readonly asked: string
  /**
   * `own`: the store holds the answer. `other`: another subject. `reworded`: `own`, as if
   * half its words were others. `removed`: its own, without what answers them.
   */
  readonly kind: 'other' | 'own' | 'removed' | 'reworded'
  readonly questions: number
  /** Of `own` and `reworded` the share that abstains, of the others the share that answers. */
  readonly points: readonly { readonly threshold: number; readonly wrong: number }[]
}

/** The share of one store's own questions to which the extractive answerer says that the documents do not say. */
export interface ExtractiveRate {
  readonly store: string
  readonly kind: 'own' | 'removed'
  readonly questions: number
  readonly abstained: number
}

export interface AbstentionFigures {
  readonly extractive: readonly ExtractiveRate[]
  readonly model: string
  readonly falseAbstentions: number
  readonly fitted: readonly string[]
  readonly byModel: readonly Rate[]
  readonly byOtherModel: readonly Rate[]
  readonly byWords: readonly Rate[]
}

const TITLES = {
  own: 'Answerable: share that abstains although the store holds the answer',
  reworded: 'The same, as if half of their words were not the documents’',
  other: 'Another subject: share that answers although the store cannot',
  removed: 'Near misses: share that answers although the documents that answer were taken out',
}

/** docs/abstention.md, whole: no figure in it is typed by hand. */
export function describeAbstention(figures: AbstentionFigures): string {
  return `<!-- Written by bench/calibrate-abstention.ts: not to be edited by hand. -->

# When the documents do not say

Before anything is generated, the evidence in the candidates is weighed. Below \`retrieval.abstainBelow\` the answer is
one fixed sentence, "The documents do not say.", without citations, and no model is asked. 0.5 is the calibrated
default; 0 never abstains; more abstains more often.

## What is weighed

| evidence | what it is |
|---|---|
| coverage | the question's content words, weighted by how rare they are, in the one chunk that has most of them |
| known | share of the question's content words that some candidate has at all |
| similarity | cosine of the nearest chunk to the question |
| margin | how far that chunk is ahead of the next nine |

A logistic regression over these gives a number in [0, 1] (\`src/answer/judge/\`). Cosines of another embedding model lie
elsewhere, so with \`${figures.model}\` coverage and similarity decide; with any other model coverage alone, and
leniently, because that model finds what words miss; without one coverage and known. The margin added nothing and is only
shown. The trace of every answer shows all four (stage \`judge\`).

## How it was calibrated

\`node bench/calibrate-abstention.ts\` asks up to 240 questions of each of ${figures.fitted.join(', ')}
of the store they belong to and of the other stores, and fits on every second question. These questions were written beside the text, in
its words; someone who has not read the documents uses others. So, where there is an embedding model, each answerable
question is taught a second time with half of its coverage taken away; words alone would not find its passage anyway.
Then the bias is moved until ${percent(figures.falseAbstentions)} of the answerable questions it was taught with fall below 0.5. The figures below are of the other half, and of xquad-de, on which nothing was fitted. The candidates
are found as the two searches find them, by exact computation instead of an index. English questions of xquad-de, and
German ones of xquad-en, are left out: they have an answer there, in another language.

Measured ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}.

## With \`${figures.model}\`

${tables(figures.byModel)}
## With another embedding model

${tables(figures.byOtherModel)}
## By words alone

${tables(figures.byWords)}
## The extractive answerer looks again

It has the sentences before it: when none of them is near enough to the question (cosine plus the share of its words
below 0.6), it says the same one sentence. That catches some of the near misses, not most. Share of questions it abstains
from, after the passages were chosen:

${extractiveTable(figures.extractive)}

## What this can and cannot do

- The judge tells a question about something else from one that the documents speak of. It does not read: a question on
  a subject that the documents cover, whose answer happens to be missing, mostly passes it (the near misses above). A
  language model is told to abstain by itself then, and its abstention is taken for one; the extractive answerer often
  shows the nearest sentences instead. Their sources stand beside them: read them.
- Some near misses are answered rightly: in scifact and anthropic-codebases, documents that nobody judged often hold the
  answer as well.
- A question in another language than the documents shares few words with them: it abstains more often.
`
}

function extractiveTable(rates: readonly ExtractiveRate[]): string {
  const rows = rates.map(({ store, kind, questions, abstained }) => [
    store,
    kind === 'own' ? 'answerable' : 'without the documents that answer',
    String(questions),
    percent(abstained),
  ])
  const header = ['store', 'questions', 'n', 'abstains']
  return [header, header.map(() => '---'), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}

function tables(rates: readonly Rate[]): string {
  return (['own', 'reworded', 'other', 'removed'] as const)
    .map((kind) => `### ${TITLES[kind]}\n\n${table(rates.filter((rate) => rate.kind === kind))}\n`)
    .join('\n')
}

function table(rates: readonly Rate[]): string {
  const thresholds = rates[0]?.points.map(({ threshold }) => threshold) ?? []
  const header = ['store', 'questions of', 'n', ...thresholds.map((value) => `below ${value}`)]
  const rows = rates.map(({ store, asked, questions, points }) => [
    store,
    asked,
    String(questions),
    ...points.map(({ wrong }) => percent(wrong)),
  ])
  return [header, header.map(() => '---'), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
