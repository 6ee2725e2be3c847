import { readFile } from 'node:fs/promises'
import type { Judgements } from '../src/eval/ranking-metrics.ts'

/** A retrieval collection in BEIR's form. */
export interface Collection {
  readonly name: string
  readonly documents: readonly {
    readonly id: string
    readonly title: string
    readonly text: string
  }[]
  readonly questions: readonly {
    readonly id: string
    readonly text: string
    readonly judgements: Judgements
  }[]
}

const DATA = new URL('../../shared/data/', import.meta.url)

export const COLLECTIONS = ['scifact', 'xquad-en', 'xquad-de', 'anthropic-codebases'] as const

/** Only questions that have judgements are kept. */
export async function readCollection(name: string): Promise<Collection> {
  const lines = async (path: string): Promise<readonly string[]> =>
    (await readFile(new URL(`${name}/${path}`, DATA), 'utf8')).split('\n').filter(Boolean)
  const judgements = new Map<string, Map<string, number>>()
  for (const line of (await lines('qrels/test.tsv')).slice(1)) {
    const [question = '', document = '', gain = '0'] = line.split('\t')
    const of = judgements.get(question) ?? new Map<string, number>()
    judgements.set(question, of.set(document, Number(gain)))
  }
  const documents = (await lines('corpus.jsonl')).map((line) => JSON.parse(line) as BeirDocument)
  const questions = (await lines('queries.jsonl')).map((line) => JSON.parse(line) as BeirQuestion)
  return {
    name,
    documents: documents.map(({ _id, title, text }) => ({ id: _id, title: title ?? '', text })),
    questions: questions.flatMap(({ _id, text }) => {
      const judged = judgements.get(_id)
      return judged === undefined ? [] : [{ id: _id, text, judgements: judged }]
    }),
  }
}

interface BeirDocument {
  readonly _id: string
  readonly title?: string
  readonly text: string
}

interface BeirQuestion {
  readonly _id: string
  readonly text: string
}
