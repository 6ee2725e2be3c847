import { AppError } from '../../core/errors.ts'
import { createFairQueue } from './fair-queue.ts'
import { createPlaces } from './places.ts'

export interface AdmissionSettings {
  /** Answers that are worked on at once. */
  readonly concurrentAnswers: number
  /** Questions that may wait for their turn while somebody sits and waits for them. */
  readonly queueLength: number
  /** How long they are kept in the queue, in milliseconds. */
  readonly patienceMs: number
}

/** Who waits, and for what. */
export interface Ticket {
  readonly tenantId: string
  /** From the tenant's limits: ten more double its share. */
  readonly priority: number
  /** Nobody sits and waits for it. */
  readonly background: boolean
}

export interface AdmissionState {
  readonly running: number
  readonly waiting: number
}

export interface Admission {
  /**
   * Resolves with the way out when it is the ticket's turn. Throws `overloaded` with the time after which to ask
   * again when the queue is full or the wait too long; the signal's reason when nobody waits any longer.
   */
  enter(ticket: Ticket, signal: AbortSignal): Promise<() => void>
  state(): AdmissionState
}

/** Every so many turns one goes to the background, however many people wait. */
const BACKGROUND_EVERY = 8

interface Visitor {
  readonly ticket: Ticket
  readonly admit: (leave: () => void) => void
  readonly refuse: (reason: unknown) => void
}

/** A bounded queue in front of answering: people before the background, fair between tenants, by their priority. */
export function createAdmission(
  { concurrentAnswers, queueLength, patienceMs }: AdmissionSettings,
  now: () => number = () => performance.now(),
): Admission {
  const people = createFairQueue<Visitor>()
  const background = createFairQueue<Visitor>()
  const places = createPlaces(concurrentAnswers, now)
  let turns = 0

  const mayEnter = (tenantId: string) => places.isFreeFor(tenantId)
  const callNext = (): void => {
    for (;;) {
      const isTurnOfBackground = turns % BACKGROUND_EVERY === BACKGROUND_EVERY - 1
      const [first, second] = isTurnOfBackground ? [background, people] : [people, background]
      const visitor = first.take(mayEnter) ?? second.take(mayEnter)
      if (visitor === undefined) return
      turns += 1
      const leave = places.occupy(visitor.ticket.tenantId)
      visitor.admit(() => {
        leave()
        callNext()
      })
    }
  }
  const overloaded = () =>
    new AppError(
      'overloaded',
      'The server is answering as many questions as it can; ask again in a moment.',
      { retryAfterMs: places.expectedMs(people.size + 1) },
    )
  const makeRoom = ({ tenantId }: Ticket): void => {
    if (people.size < queueLength || places.isFreeFor(tenantId)) return
    const displaced = people.displace(tenantId)
    if (displaced === undefined) throw overloaded()
    displaced.refuse(overloaded())
  }

  return {
    async enter(ticket, signal) {
      signal.throwIfAborted()
      places.noteAsked(ticket.tenantId)
      // Whoever asks for the background was told that it is queued.
      if (!ticket.background) makeRoom(ticket)
      const queue = ticket.background ? background : people
      const { promise, resolve, reject } = Promise.withResolvers<() => void>()
      const visitor = { ticket, admit: resolve, refuse: reject }
      const leave = () => queue.remove(visitor) && reject(signal.reason)
      const giveUp = () => queue.remove(visitor) && reject(overloaded())
      const timer = ticket.background ? undefined : setTimeout(giveUp, patienceMs)
      signal.addEventListener('abort', leave, { once: true })
      queue.add(ticket, visitor)
      callNext()
      return promise.finally(() => {
        clearTimeout(timer)
        signal.removeEventListener('abort', leave)
      })
    },
    state: () => ({ running: places.taken, waiting: people.size + background.size }),
  }
}
