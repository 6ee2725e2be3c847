import type { Valkey } from 'iovalkey'
import type { Lease, Leases } from '../core/ports/leases.ts'
import { createScript } from './script.ts'

/** KEYS: the holders, sorted by when they end. ARGV: holder, milliseconds, how many may be held (-1: however many). */
const HOLD_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit = tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local held = redis.call('ZSCORE', KEYS[1], ARGV[1])
if limit >= 0 and not held and redis.call('ZCARD', KEYS[1]) >= limit then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
`

const HOWEVER_MANY = -1

/** Shared by all processes that use one Valkey: what a process held that died ends by itself. */
export function createValkeyLeases({
  valkey,
  prefix,
}: {
  readonly valkey: Valkey
  /** Before every key: `ragstone:`. */
  readonly prefix: string
}): Leases {
  const run = createScript(valkey, HOLD_SCRIPT)
  const nameOf = (key: string) => `${prefix}lease:${key}`
  const hold = async ({ key, holder, ttlMs }: Lease, limit: number) =>
    (await run([nameOf(key)], [holder, ttlMs, limit])) === 1

  return {
    take: hold,
    async renew(lease) {
      await hold(lease, HOWEVER_MANY)
    },
    async release({ key, holder }) {
      await valkey.zrem(nameOf(key), holder)
    },
  }
}
