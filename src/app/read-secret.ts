import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'

/** From a terminal, without showing what is typed; the question goes to standard error. */
export async function promptSecret(question: string, signal: AbortSignal): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new Error('There is no terminal to ask on: give the password with --password-stdin.')
  }
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const asking = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  // A terminal in raw mode hands the key on as a key; without this the question would never end.
  asking.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    process.stderr.write(question)
    return await asking.question('', { signal })
  } finally {
    asking.close()
    process.stderr.write('\n')
  }
}

/** From a terminal, in plain sight; the question goes to standard error. */
export async function promptLine(question: string, signal: AbortSignal): Promise<string> {
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  asking.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return await asking.question(question, { signal })
  } finally {
    asking.close()
  }
}

/** Everything that comes in, without the line break at its end. */
export async function readStandardInput(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n$/, '')
}
