import { Writable } from 'node:stream'
import { connect } from '../../src/cli/connect.ts'
import type { CliDeps } from '../../src/cli/deps.ts'
import { runCli } from '../../src/cli/program.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

type Overrides = Partial<Omit<CliDeps, 'stderr' | 'stdout'>> & { readonly url?: string | null }
type Faked = CliDeps & { readonly stdout: Collected; readonly stderr: Collected }

class Collected extends Writable {
  text = ''
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

/** Everything but the network in place of a terminal and a machine. */
export function fakeDeps({ url = null, ...overrides }: Overrides = {}): Faked {
  return {
    version: '1.2.3',
    stdout: new Collected(),
    stderr: new Collected(),
    signal: new AbortController().signal,
    askSecret: () => Promise.reject(new Error('There is no terminal.')),
    askLine: () => Promise.reject(new Error('There is no terminal.')),
    readInput: () => Promise.resolve(''),
    connect: (options) =>
      connect({
        url: options.url ?? url,
        apiKey: options.apiKey ?? 'rs_test',
        tenant: options.tenant ?? null,
        socketPath: '/nowhere/ragstone.sock',
        startLocal: () => Promise.reject(new Error('Nothing was started.')),
      }),
    serve: () => Promise.resolve(),
    work: () => Promise.resolve(),
    migrate: () => Promise.resolve([]),
    checks: () => Promise.resolve([]),
    config: () => ({}),
    ...overrides,
  }
}

export async function runCommand(argv: readonly string[], overrides?: Overrides): Promise<Ran> {
  const deps = fakeDeps(overrides)
  const code = await runCli(deps, argv)
  return { code, out: deps.stdout.text, err: deps.stderr.text }
}
