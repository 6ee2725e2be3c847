import type { lookup } from 'node:dns'

export interface FakeResolver {
  readonly resolve: typeof lookup
  /** Names in the order in which they were asked for. */
  readonly asked: readonly string[]
}

/** Gives a name its addresses in turn, the last again and again: what a name server in an attacker's hands does. */
export function createFakeResolver(
  names: Readonly<Record<string, readonly (string | readonly string[])[]>>,
): FakeResolver {
  const asked: string[] = []
  const resolve = (
    host: string,
    _options: unknown,
    answer: (error: Error | null, found: { address: string; family: number }[]) => void,
  ) => {
    const turns = names[host]
    const turn = asked.filter((name) => name === host).length
    asked.push(host)
    if (turns === undefined) {
      answer(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }), [])
      return
    }
    const addresses = [turns[turn] ?? turns.at(-1) ?? []].flat()
    answer(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  return { resolve: resolve as unknown as typeof lookup, asked }
}
