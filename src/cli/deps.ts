import type { Client } from './client.ts'
import type { Check } from './run-checks.ts'

/** What stands before the command: `ragstone --url … ask`. */
export interface GlobalOptions {
  readonly config?: string
  readonly url?: string
  readonly apiKey?: string
  /** By id or name: an operator acts in it. */
  readonly tenant?: string
}

export interface Connection extends Client {
  close(): Promise<void>
}

export interface ServeOptions extends GlobalOptions {
  readonly host?: string
  readonly port?: number
}

export interface WorkOptions extends GlobalOptions {
  readonly concurrency?: number
}

/** Everything the command line is given; composition makes it. */
export interface CliDeps {
  readonly version: string
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
  /** Aborted by Ctrl-C while a command is at work; `serve` has its own shutdown. */
  readonly signal: AbortSignal
  /** Asks on the terminal, and shows nothing of the answer. */
  askSecret(question: string): Promise<string>
  /** Asks on the terminal. */
  askLine(question: string): Promise<string>
  /** All of standard input. */
  readInput(): Promise<string>
  /** To a remote server, the one on the local socket, or one started for the length of the command. */
  connect(options: GlobalOptions): Promise<Connection>
  /** Resolves when the server has stopped. */
  serve(options: ServeOptions): Promise<void>
  /** Resolves when the worker has stopped. */
  work(options: WorkOptions): Promise<void>
  /** Names of the migrations that were run now, in order. */
  migrate(options: GlobalOptions): Promise<readonly string[]>
  checks(options: GlobalOptions): Promise<readonly Check[]>
  /** The effective configuration as YAML would say it, secrets hidden. */
  config(options: GlobalOptions): Readonly<Record<string, unknown>>
}
