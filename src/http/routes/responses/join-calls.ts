import type { Turn } from '../../ask/conversation.ts'
import { invalidValue } from '../../request-error.ts'
import type { Said } from './said.ts'

/**
 * What was said, as turns: calls stand in the assistant's turn that made them, each with its result. Throws where one
 * lacks the other; only of what was read back, a result may lack its call, which is then what was cut off.
 */
export function joinCalls(before: readonly Said[], now: readonly Said[]): readonly Turn[] {
  const results = resultsIn([...before, ...now])
  const unclaimed = resultsIn(now)
  const turns: Turn[] = []
  /** Whether a call belongs to the turn before it. */
  let isOpen = false
  for (const said of [...before, ...now]) {
    if (said.kind === 'turn') turns.push(said.turn)
    if (said.kind === 'call') {
      const { call } = said
      const { toolCalls = [], ...rest } = (isOpen ? turns.pop() : undefined) ?? SILENT
      const answered = { ...call, result: resultOf(call.id, results) }
      turns.push({ ...rest, toolCalls: [...toolCalls, answered] })
      unclaimed.delete(call.id)
    }
    isOpen = said.kind === 'call' || (said.kind === 'turn' && said.turn.role === 'assistant')
  }
  for (const { callId, param } of unclaimed.values()) {
    throw invalidValue(
      param,
      `No function call with the call_id '${callId.slice(0, 100)}' came before this output.`,
    )
  }
  return turns
}

type Result = Extract<Said, { kind: 'result' }>

function resultsIn(all: readonly Said[]): Map<string, Result> {
  const results = all.flatMap((said) => (said.kind === 'result' ? [said] : []))
  return new Map(results.map((result) => [result.callId, result]))
}

/** An assistant that only called a tool said nothing. */
const SILENT: Turn = { role: 'assistant', text: '', param: 'input' }

function resultOf(callId: string, results: ReadonlyMap<string, Result>): string {
  const result = results.get(callId)
  if (result !== undefined) return result.text
  throw invalidValue(
    'input',
    `No tool output found for the function call '${callId.slice(0, 100)}': send it as a 'function_call_output'.`,
  )
}
