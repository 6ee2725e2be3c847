import { expect, test } from 'vitest'
import { nextSyncAfter, scheduleRefusal } from './next-sync.ts'

const cron = (expression: string, timeZone = 'UTC') =>
  ({ type: 'cron', cron: expression, timeZone }) as const
const after = (schedule: Parameters<typeof nextSyncAfter>[0], moment: string) =>
  nextSyncAfter(schedule, new Date(moment))?.toISOString()

test('an interval is counted from the moment', () => {
  const schedule = { type: 'interval', everySeconds: 3600 } as const

  expect(after(schedule, '2026-03-01T10:20:00Z')).toBe('2026-03-01T11:20:00.000Z')
})

test('a cron expression is read in the time of its zone, in summer and in winter', () => {
  const schedule = cron('0 3 * * *', 'Europe/Zurich')

  expect(after(schedule, '2026-01-10T12:00:00Z')).toBe('2026-01-11T02:00:00.000Z')
  expect(after(schedule, '2026-07-10T12:00:00Z')).toBe('2026-07-11T01:00:00.000Z')
})

test.each([
  [cron('0 3 * * *', 'Europe/Zurich')],
  [cron('*/5 * * * *')],
  [{ type: 'interval', everySeconds: 60 } as const],
])('%j is taken', (schedule) => {
  expect(scheduleRefusal(schedule)).toBeNull()
})

test.each([
  [cron('every day'), 'no cron expression'],
  [cron('61 * * * *'), 'no cron expression'],
  [cron('0 3 * * *', 'Europe/Atlantis'), 'no time zone'],
  [cron('* * * * * *'), 'once a minute'],
  [{ type: 'interval', everySeconds: 59 } as const, 'once a minute'],
])('%j is refused', (schedule, why) => {
  expect(scheduleRefusal(schedule)).toContain(why)
})
