import { expect, test } from 'vitest'
import { createAdmission, type AdmissionSettings, type Ticket } from './admission.ts'

const SETTINGS: AdmissionSettings = { concurrentAnswers: 2, queueLength: 4, patienceMs: 60_000 }
const never = new AbortController().signal

function open(settings: Partial<AdmissionSettings> = {}) {
  let now = 0
  const admission = createAdmission({ ...SETTINGS, ...settings }, () => now)
  const order: string[] = []
  const enter = (tenantId: string, change: Partial<Ticket> = {}, signal = never) => {
    const ticket = { tenantId, priority: 0, background: false, ...change }
    const entered = admission.enter(ticket, signal)
    entered.then(
      () => order.push(tenantId),
      () => undefined,
    )
    return entered
  }
  return { admission, enter, order, pass: (milliseconds: number) => (now += milliseconds) }
}

test('a question goes in while there is a place, and the next waits for it', async () => {
  const { admission, enter } = open({ concurrentAnswers: 1 })
  const leave = await enter('a')
  const second = enter('a')
  expect(admission.state()).toEqual({ running: 1, waiting: 1 })
  leave()
  await second

  expect(admission.state()).toEqual({ running: 1, waiting: 0 })
})

test('leaving twice frees one place', async () => {
  const { admission, enter } = open()
  const leave = await enter('a')
  await enter('a')
  leave()
  leave()

  expect(admission.state().running).toBe(1)
})

test('a full queue says when to ask again', async () => {
  const { enter } = open({ concurrentAnswers: 1, queueLength: 1 })
  await enter('a')
  void enter('a')

  await expect(enter('a')).rejects.toMatchObject({ code: 'overloaded', retryAfterMs: 2_000 })
})

test('in a full queue the tenant with the most questions makes room for another', async () => {
  const { enter, order } = open({ concurrentAnswers: 1, queueLength: 2 })
  const leave = await enter('a')
  const older = enter('a')
  const newest = enter('a')
  const other = enter('b')

  await expect(newest).rejects.toMatchObject({ code: 'overloaded' })
  leave()
  ;(await older)()
  await other
  expect(order).toEqual(['a', 'a', 'b'])
})

test('a tenant leaves places to others who asked lately', async () => {
  const { admission, enter } = open({ concurrentAnswers: 4 })
  await enter('b').then((leave) => leave())
  const entered = [enter('a'), enter('a'), enter('a')]
  await Promise.all(entered.slice(0, 2))

  expect(admission.state()).toEqual({ running: 2, waiting: 1 })
})

test('a tenant that had most of the work lately leaves three of four places free', async () => {
  const { admission, enter, pass } = open({ concurrentAnswers: 4 })
  const leave = await enter('much')
  pass(1_000)
  leave()
  for (const other of ['b', 'c']) await enter(other).then((leaveAgain) => leaveAgain())
  const entered = [enter('much'), enter('much'), enter('b')]
  await Promise.all([entered[0], entered[2]])

  expect(admission.state()).toEqual({ running: 2, waiting: 1 })
})

test('a tenant that is alone has all places', async () => {
  const { admission, enter, pass } = open({ concurrentAnswers: 4 })
  await enter('b').then((leave) => leave())
  pass(10_001)
  await Promise.all([enter('a'), enter('a'), enter('a'), enter('a')])

  expect(admission.state()).toEqual({ running: 4, waiting: 0 })
})

test('people go before the background', async () => {
  const { enter, order } = open({ concurrentAnswers: 1 })
  const leave = await enter('a')
  const batch = enter('batch', { background: true })
  const person = enter('person')
  leave()
  ;(await person)()
  await batch

  expect(order).toEqual(['a', 'person', 'batch'])
})

test('the background has its turn, however many people wait', async () => {
  const { enter, order } = open({ concurrentAnswers: 1, queueLength: 100 })
  const leave = await enter('first')
  const visit = async (entered: Promise<() => void>) => (await entered)()
  void visit(enter('batch', { background: true }))
  for (let at = 0; at < 30; at += 1) void visit(enter('person'))
  leave()
  await new Promise((resolve) => setTimeout(resolve))

  expect(order.indexOf('batch')).toBe(7)
})

test('who leaves the queue takes no place', async () => {
  const { admission, enter } = open({ concurrentAnswers: 1 })
  const leave = await enter('a')
  const controller = new AbortController()
  const waiting = enter('a', {}, controller.signal)
  controller.abort(new Error('gone'))
  await expect(waiting).rejects.toThrow('gone')
  leave()

  expect(admission.state()).toEqual({ running: 0, waiting: 0 })
})

test('patience has an end', async () => {
  const { admission, enter } = open({ concurrentAnswers: 1, patienceMs: 5 })
  await enter('a')

  await expect(enter('a')).rejects.toMatchObject({ code: 'overloaded' })
  expect(admission.state().waiting).toBe(0)
})
