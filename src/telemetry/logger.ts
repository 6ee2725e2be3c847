import { pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger } from 'pino'
import { redact } from './redact.ts'

export interface LoggerOptions {
  /** pino's: `trace` to `fatal`, or `silent`. */
  readonly level: string
  /** The process's name in every line. */
  readonly name: string
  /** Standard output when left out. */
  readonly stream?: DestinationStream
}

/** One JSON object a line. No secret leaves it, wherever in the line it stood. */
export function createLogger({ level, name, stream }: LoggerOptions): Logger {
  const options = {
    level,
    name,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: stdSerializers.err },
    // On the finished line, because secrets also sit in error messages, stacks and addresses.
    hooks: { streamWrite: redact },
  }
  return stream === undefined ? pino(options) : pino(options, stream)
}
