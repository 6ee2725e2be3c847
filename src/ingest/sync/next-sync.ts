import { Cron } from 'croner'
import type { SourceSchedule } from '../../core/source.ts'

/** Closer together they are not worth the listing. */
const LEAST_SECONDS = 60
const LOOKED_AHEAD = 5

/** When the schedule has its turn next after a moment; null where it never has. */
export function nextSyncAfter(schedule: SourceSchedule, moment: Date): Date | null {
  if (schedule.type === 'interval') return new Date(moment.getTime() + schedule.everySeconds * 1000)
  return new Cron(schedule.cron, { timezone: schedule.timeZone }).nextRun(moment)
}

/** A sentence on what is wrong with a schedule; null where nothing is. */
export function scheduleRefusal(schedule: SourceSchedule): string | null {
  if (schedule.type === 'interval') {
    return schedule.everySeconds < LEAST_SECONDS
      ? `A source is looked at once a minute at the most: give ${LEAST_SECONDS} seconds or more.`
      : null
  }
  const { cron, timeZone } = schedule
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    return `There is no time zone ${timeZone}: name one like Europe/Zurich, or UTC.`
  }
  try {
    const runs = new Cron(cron, { timezone: timeZone }).nextRuns(LOOKED_AHEAD)
    if (runs.length === 0) return `The times of ${cron} are all over.`
    const isTooOften = runs.some((run, index) => {
      const before = runs[index - 1]
      return before !== undefined && run.getTime() - before.getTime() < LEAST_SECONDS * 1000
    })
    return isTooOften ? 'A source is looked at once a minute at the most.' : null
  } catch {
    return `${cron} is no cron expression: five fields, like "0 3 * * 1-5" for three in the morning on working days.`
  }
}
