import type { RagstoneProcess } from '../../ragstone-process.ts'
import { gather, ghostOf, idsFor } from '../intruder.ts'
import { readApi, type Api, type Operation } from './api-document.ts'
import { openCallers, type Caller } from './callers.ts'
import type { Draw } from './draw.ts'
import { mcpOperation } from './mcp-operation.ts'
import { settle } from './settle.ts'

/** What is there to be named. */
export interface Stock {
  readonly idFor: (name: string) => string | null
  /** Of whatever kind, of nobody, or nearly one. */
  readonly anyId: () => string
  /** By what it begins with; of a kind that is not there, one of nobody. */
  idLike(prefix: string): string
}

export interface FuzzWorld {
  readonly api: Api
  readonly operations: readonly Operation[]
  readonly host: string
  readonly port: number
  /** Who may do everything in the tenant. */
  readonly main: Caller
  readonly callers: readonly Caller[]
  stockFor(draw: Draw): Stock
  /** Makes one more of everything, for much of it has been deleted by now, and lets everybody in again. */
  restock(): Promise<void>
}

/** How many generations of things are drawn from. */
const GENERATIONS = 2

export async function openFuzzWorld(server: RagstoneProcess): Promise<FuzzWorld> {
  const api = await readApi(server.url)
  const everybody = await openCallers(server)
  const { callers, main, refresh } = everybody
  const generations: Map<string, Set<string>>[] = []
  const latest = (word: string) => [...(generations.at(-1)?.get(word) ?? [])][0] ?? 'none'
  const { host, port } = new URL(server.url)

  const stockFor = (draw: Draw): Stock => {
    const idFor = (name: string): string | null => {
      const from = draw.pick(generations)
      // A store's name stands for a model that answers over it.
      const ids = name === 'model' && draw.chance(0.7) ? MODELS : idsFor(name, from)
      return ids.length === 0 ? null : draw.pick(ids)
    }
    const anyId = (): string => {
      const ids = [...draw.pick(generations).values()].flatMap((each) => [...each])
      const id = draw.pick(ids)
      return draw.pick([id, id, ghostOf(id), id.toUpperCase(), `${id}0`, id.slice(0, -1), ` ${id}`])
    }
    const idLike = (prefix: string): string => {
      const ids = generations.flatMap((from) => [...from.values()].flatMap((each) => [...each]))
      const alike = ids.filter((id) => id.startsWith(prefix))
      return alike.length === 0 ? anyId() : draw.pick(alike)
    }
    return { idFor, anyId, idLike }
  }

  const world: FuzzWorld = {
    api,
    operations: [
      ...api.operations,
      mcpOperation(
        () => latest('vector_store'),
        () => latest('file'),
      ),
    ],
    host,
    port: Number(port),
    main,
    callers,
    stockFor,
    async restock() {
      await refresh()
      const made = new Map<string, Set<string>>()
      for (const answer of await settle(server.url, everybody)) gather(made, answer)
      // Without their tenant the callers would be lost.
      for (const ids of made.values()) ids.delete(everybody.tenantId)
      generations.push(made)
      generations.splice(0, generations.length - GENERATIONS)
    },
  }
  await world.restock()
  return world
}

const MODELS = ['extractive', 'all-minilm-l6-v2-int8', 'none']
