import type { JobPriority } from '../core/ports/queue.ts'

/** The higher goes first. */
export const PRIORITIES: Readonly<Record<JobPriority, number>> = {
  interactive: 20,
  batch: 10,
  sync: 0,
}
