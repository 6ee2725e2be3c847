import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** A request that is not there whole is waited for: after so long the server is told that no more of it comes. */
const END_AFTER_MS = 300

/** What tells of work that goes on is left after so long, as by a reader who has seen enough. */
const LEAVE_STREAM_AFTER_MS = 20_000
const IS_STREAM = /^content-type: text\/event-stream/im

/** Sends the bytes as they are and reads until the server closes. Null where it closed without a word, or fell silent. */
export async function exchange(
  port: number,
  bytes: Buffer,
  { patienceMs, maybeCut }: { readonly patienceMs: number; readonly maybeCut: boolean },
): Promise<{ readonly answer: RawAnswer | null; readonly silent: boolean }> {
  const chunks: Buffer[] = []
  let silent = false
  await new Promise<void>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const timer = setTimeout(() => {
      silent = true
      socket.destroy()
    }, patienceMs)
    let leaving: NodeJS.Timeout | undefined
    const ending = maybeCut ? setTimeout(() => socket.end(), END_AFTER_MS) : undefined
    socket.on('data', (chunk: Buffer) => {
      clearTimeout(ending)
      chunks.push(chunk)
      if (leaving === undefined && IS_STREAM.test(chunk.toString('latin1')))
        leaving = setTimeout(() => socket.destroy(), LEAVE_STREAM_AFTER_MS)
    })
    // A server that refuses what is still being sent resets the connection.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      clearTimeout(ending)
      clearTimeout(leaving)
      resolve()
    })
    socket.write(bytes)
  })
  return { answer: readAnswer(Buffer.concat(chunks)), silent }
}

function readAnswer(bytes: Buffer): RawAnswer | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return null
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1])
  const rest = bytes.subarray(end + 4)
  // Something else follows: this one only says to go on.
  if (status === 100) return readAnswer(rest)
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  )
  const body = headers['transfer-encoding'] === 'chunked' ? unchunked(rest) : rest
  return { status, headers, body }
}

function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  let at = 0
  while (at < bytes.length) {
    const line = bytes.indexOf('\r\n', at)
    if (line === -1) break
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16)
    if (!(size > 0)) break
    parts.push(bytes.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
  return Buffer.concat(parts)
}
