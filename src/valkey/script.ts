import { createHash } from 'node:crypto'
import type { Valkey } from 'iovalkey'

export type Script = (
  keys: readonly string[],
  values: readonly (number | string)[],
) => Promise<unknown>

/** A Lua script by its hash; sent whole only to a server that does not know it yet. */
export function createScript(valkey: Valkey, text: string): Script {
  const hash = createHash('sha1').update(text).digest('hex')
  return async (keys, values) => {
    try {
      return await valkey.evalsha(hash, keys.length, ...keys, ...values)
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return valkey.eval(text, keys.length, ...keys, ...values)
    }
  }
}
