import { threadId } from 'node:worker_threads'
import type { Tokenizer } from '../../src/core/ports/embedding-model.ts'

/** A word is a token. Some words make the thread misbehave, as a file that exploits a parser would. */
export async function createTokenizer(): Promise<Tokenizer> {
  return {
    count(text) {
      if (/\bHANG\b/.test(text)) for (;;);
      if (/\bDEVOUR\b/.test(text)) devourMemory()
      if (/\bEXIT\b/.test(text)) process.exit(1)
      if (/\bFAULT\b/.test(text)) throw new TypeError('a fault of ours')
      if (text === 'WHICH THREAD') return threadId
      return text.split(/\s+/).filter((word) => word !== '').length
    },
  }
}

function devourMemory(): void {
  const kept: object[] = []
  for (;;) kept.push({ more: kept.length, and: String(kept.length) })
}
