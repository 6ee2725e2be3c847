import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto'
import { promisify } from 'node:util'
import { AppError } from '../core/errors.ts'

const derive = promisify(argon2)

/** OWASP's first choice for Argon2id: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const
const SALT_BYTES = 16
const TAG_BYTES = 32
/** Each takes a thread and 19 MiB for some tens of milliseconds. */
const MOST_AT_ONCE = 4
const MOST_WAITING = 64

const PHC =
  /^\$argon2id\$v=19\$m=(?<memory>\d+),t=(?<passes>\d+),p=(?<parallelism>\d+)\$(?<salt>[\w+/]+)\$(?<tag>[\w+/]+)$/

export interface PasswordHashes {
  /** In PHC form. */
  hash(password: string): Promise<string>
  /** Costs the same where there is no hash, or none that can be read: then it is never right. */
  verify(password: string, hash: string | null): Promise<boolean>
  /** Whether it was made at another cost than today's. */
  isStale(hash: string): boolean
}

/** Throws `overloaded` past the number that may wait. */
export function createPasswordHashes(): PasswordHashes {
  const inTurn = createTurns()
  const nobody = { ...COST, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) }

  const tagOf = (password: string, parameters: Omit<Argon2Parameters, 'message'>) =>
    inTurn(() => derive('argon2id', { ...parameters, message: normal(password) }))

  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES)
      const tag = await tagOf(password, { ...COST, nonce: salt, tagLength: TAG_BYTES })
      const { memory, passes, parallelism } = COST
      return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${bare(salt)}$${bare(tag)}`
    },
    async verify(password, hash) {
      const stored = hash === null ? null : readPhc(hash)
      const { salt, tag, ...cost } = stored ?? nobody
      const derived = await tagOf(password, { ...cost, nonce: salt, tagLength: tag.length })
      return timingSafeEqual(derived, tag) && stored !== null
    },
    isStale(hash) {
      const stored = readPhc(hash)
      return (
        stored === null ||
        stored.memory !== COST.memory ||
        stored.passes !== COST.passes ||
        stored.parallelism !== COST.parallelism
      )
    },
  }
}

function readPhc(hash: string) {
  const groups = PHC.exec(hash)?.groups
  if (groups === undefined) return null
  return {
    memory: Number(groups['memory']),
    passes: Number(groups['passes']),
    parallelism: Number(groups['parallelism']),
    salt: Buffer.from(groups['salt'] ?? '', 'base64'),
    tag: Buffer.from(groups['tag'] ?? '', 'base64'),
  }
}

/** The same letters typed on two keyboards may come as different code points. */
function normal(password: string): Buffer {
  return Buffer.from(password.normalize('NFKC'))
}

function bare(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}

function createTurns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= MOST_AT_ONCE) {
      if (waiting.length >= MOST_WAITING) {
        throw new AppError(
          'overloaded',
          'Too many are signing in at once; try again in a moment.',
          {
            retryAfterMs: 2_000,
          },
        )
      }
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running += 1
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
