import type { Command } from 'commander'
import type { CliDeps, Connection, GlobalOptions } from './deps.ts'

/** Registers one command of the program. */
export type AddCommand = (program: Command, deps: CliDeps) => void

export function globalOptions(command: Command): GlobalOptions {
  const { config, url, apiKey, tenant } = command.optsWithGlobals<GlobalOptions>()
  return {
    ...(config === undefined ? {} : { config }),
    ...(url === undefined ? {} : { url }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tenant === undefined ? {} : { tenant }),
  }
}

/** Opens a connection for as long as `work` takes. */
export async function connected<Result>(
  deps: CliDeps,
  command: Command,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = await deps.connect(globalOptions(command))
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

/** For options that may be given more than once. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** The examples below a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`
}
