import { askToolInput, askToolOutput, type ToolCitation } from '../../../contract/mcp-tools.ts'
import type { AnswerEvent, Citation } from '../../../core/answer.ts'
import { createId } from '../../../core/id.ts'
import type { Question } from '../../../core/question.ts'
import { resolveTarget } from '../../ask/target.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { invalidValue } from '../../request-error.ts'
import { documentId } from './document-id.ts'
import { findDocuments, nameDocument } from './named-documents.ts'
import { defineTool, type Tool, type ToolCall } from './tool.ts'

type Finished = Extract<AnswerEvent, { type: 'finished' }>

export function askTool(deps: HttpDeps): Tool {
  return defineTool({
    name: 'ask',
    title: 'Ask the documents',
    description:
      "Answers a question from the organisation's own documents, each claim cited to the exact bytes it came from; says so where the documents do not say. Ask one self-contained question a call.",
    scope: 'ask',
    slow: true,
    input: askToolInput,
    output: askToolOutput,
    async run({ question: text, vector_store_ids: vectorStoreIds = null, model = null }, call) {
      if (text.trim() === '') throw invalidValue('question', "'question' must not be blank.")
      const where = { model, vectorStoreIds, param: 'vector_store_ids' }
      const target = await resolveTarget(deps, call.tenantId, where)
      const question = { ...PLAIN, ...target, ...call.asked, text }
      const answerId = createId('resp_')
      const finished = await finish(deps, { ...question, answerId }, call)
      return {
        answer: finished.text,
        outcome: finished.outcome,
        citations: await listCitations(deps, finished.citations, call),
        notices: [...finished.notices],
        model: finished.model,
        answer_id: answerId,
      }
    },
  })
}

const PLAIN = {
  filter: null,
  history: [],
  instructions: null,
  maxOutputTokens: null,
  temperature: null,
  topP: null,
  maxChunks: null,
} satisfies Partial<Question>

async function finish(
  { answer }: Pick<HttpDeps, 'answer'>,
  question: Question,
  { signal, progress }: ToolCall,
): Promise<Finished> {
  let finished: Finished | null = null
  let writing = false
  for await (const event of answer(question, signal)) {
    if (event.type === 'searched') await progress(`Found ${event.chunks.length} passages.`)
    if (event.type === 'text' && !writing) {
      writing = true
      await progress('Writing the answer.')
    }
    if (event.type === 'finished') finished = event
  }
  if (finished === null) throw new Error('The answer ended without a finish.')
  return finished
}

async function listCitations(
  deps: HttpDeps,
  citations: readonly Citation[],
  { tenantId, origin }: ToolCall,
): Promise<ToolCitation[]> {
  const documents = await findDocuments(deps, tenantId, citations)
  return citations.map((citation) => {
    const { number, start, end, page, quote, score } = citation
    // What was removed while the answer was written is still what the answer says.
    const unknown = { ...citation, title: null, sourceKey: null }
    const named = nameDocument(documents.get(documentId(citation)) ?? unknown, origin)
    return { number, ...named, start, end, page, quote, score }
  })
}
