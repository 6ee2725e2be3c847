import { expect, test, vi } from 'vitest'
import type { AnswerEvent } from '../../core/answer.ts'
import { exampleQuestion } from '../../../test/answer/example-question.ts'
import { createAdmission } from './admission.ts'
import { createAdmittedAnswer } from './admitted-answer.ts'

const SEARCHED: AnswerEvent = { type: 'searched', query: 'Which?', chunks: [] }
const never = new AbortController().signal

/** Answers that find something, and then write for as long as they are let. */
function open({ writesHere = true, openAnswers = 10 } = {}) {
  const admission = createAdmission({ concurrentAnswers: 1, queueLength: 10, patienceMs: 60_000 })
  const ask = createAdmittedAnswer({
    answer: async function* answer() {
      yield SEARCHED
      yield { type: 'text', delta: 'So' }
    },
    admission,
    writesHere: () => writesHere,
    openAnswers,
  })
  const begin = () => ask(exampleQuestion('Which?'), never)[Symbol.asyncIterator]()
  return { admission, begin }
}

test('an answer that is written here keeps its place until its end', async () => {
  const { admission, begin } = open()
  const answer = begin()
  await answer.next()
  await answer.next()
  expect(admission.state().running).toBe(1)
  await answer.next()

  expect(admission.state().running).toBe(0)
})

test('an answer that is written elsewhere gives up its place when its passages are found', async () => {
  const { admission, begin } = open({ writesHere: false })
  await begin().next()

  expect(admission.state().running).toBe(0)
})

test('an answer that is left in the middle gives up its place', async () => {
  const { admission, begin } = open()
  const answer = begin()
  await answer.next()
  await answer.return?.()

  expect(admission.state().running).toBe(0)
})

test('a reader who stops reading gives up his place', async () => {
  vi.useFakeTimers()
  const { admission, begin } = open()
  await begin().next()
  vi.advanceTimersByTime(1_000)
  vi.useRealTimers()

  expect(admission.state().running).toBe(0)
})

test('beyond the open answers a question is refused, and one that ends makes room', async () => {
  const { begin } = open({ writesHere: false, openAnswers: 1 })
  const first = begin()
  await first.next()
  await expect(begin().next()).rejects.toMatchObject({ code: 'overloaded' })
  await first.return?.()

  expect(await begin().next()).toMatchObject({ value: SEARCHED })
})
