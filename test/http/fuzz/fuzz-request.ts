import type { Operation } from './api-document.ts'

export interface FuzzRequest {
  readonly operation: Operation
  readonly caller: string
  readonly method: string
  readonly target: string
  /** Without its last empty line; each character is one byte. */
  readonly head: string
  readonly body: Buffer
  /** May be refused by the parser of HTTP, before any route is known. */
  readonly oddWire: boolean
}

const SHOWN = 3_000

/** As somebody would type it again: the bytes, and how to have them made once more. */
export function showRequest({ operation, caller, head, body }: FuzzRequest): string {
  const bytes = Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), body])
  const text = JSON.stringify(bytes.toString('latin1'))
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${bytes.length} bytes)` : text
  return `${operation.name} as ${caller}\n${shown}`
}
