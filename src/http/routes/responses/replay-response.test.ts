import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AnswerEvent } from '../../../core/answer.ts'
import { createId } from '../../../core/id.ts'
import { draftResponse } from './response-draft.ts'
import { replayResponse } from './replay-response.ts'
import { createResponseWriter } from './response-writer.ts'

const citation = (index: number) => ({
  number: 1,
  index,
  vectorStoreId: 'vs_1',
  fileId: 'file-1',
  filename: 'lease.txt',
  chunkId: '7',
  start: 0,
  end: 4,
  page: null,
  quote: 'Sixty',
  score: 1,
})

type Piece =
  | { readonly say: string }
  | { readonly call: readonly string[] }
  | { readonly cite: true }
const piece: fc.Arbitrary<Piece> = fc.oneof(
  fc.record({ say: fc.string({ minLength: 1, unit: 'binary' }) }),
  fc.record({ call: fc.array(fc.string({ minLength: 1, unit: 'binary' }), { maxLength: 3 }) }),
  fc.constant<Piece>({ cite: true }),
)

/** What a pipeline could tell: a search, pieces of text, cites, calls, and the end. */
function answerOf(
  pieces: readonly Piece[],
  reason: 'length' | 'stop',
  warnings: readonly string[],
): readonly AnswerEvent[] {
  const events: AnswerEvent[] = [{ type: 'searched', query: 'q', chunks: [], warnings }]
  const citations: ReturnType<typeof citation>[] = []
  const calls: { id: string; name: string; arguments: string }[] = []
  let text = ''
  for (const each of pieces) {
    if ('cite' in each) {
      const placed = citation(text.length)
      citations.push(placed)
      text += '[1]'
      events.push({ type: 'text', delta: '[1]' }, { type: 'citation', citation: placed })
    } else if ('say' in each) {
      text += each.say
      events.push({ type: 'text', delta: each.say })
    } else {
      const index = calls.length
      calls.push({ id: `call_${index}`, name: 'look_up', arguments: each.call.join('') })
      events.push({ type: 'tool-call', index, id: `call_${index}`, name: 'look_up' })
      for (const delta of each.call) events.push({ type: 'tool-arguments', index, delta })
    }
  }
  const usage = { inputTokens: 1, outputTokens: 1 }
  const end = { outcome: 'answered', reason, model: 'other', notices: ['n'], usage } as const
  return [...events, { type: 'finished', ...end, text, citations, toolCalls: calls }]
}

test('a response told again has the events it had, after every one of them', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.constantFrom('length' as const, 'stop' as const),
      fc.array(fc.string(), { maxLength: 2 }),
      (pieces, reason, warnings) => {
        const id = createId('resp_')
        const drafted = { id, createdAt: new Date(), model: 'llama', vectorStoreIds: ['vs_1'] }
        const draft = draftResponse({ ...drafted, request: { input: 'x', background: true } })
        const writer = createResponseWriter({ ...draft, background: true, status: 'queued' }, 'x')
        const told = [...writer.queue(), ...writer.start()]
        for (const event of answerOf(pieces, reason, warnings)) {
          told.push(...writer.write(event))
          const kept = structuredClone({ response: writer.response, journal: writer.journal })
          expect(replayResponse(kept.response, kept.journal)).toEqual(told)
        }
      },
    ),
  )
})
