import { setTimeout as sleep } from 'node:timers/promises'
import { toFile } from 'openai'
import { inParallel } from '../in-parallel.ts'
import type { RagstoneProcess } from '../ragstone-process.ts'
import type { ChaosDocument } from './draw-document.ts'

const LANES = 4
const PAUSE_MS = 200

/** Uploads each until it is acknowledged, whatever happens meanwhile. Gives what is known by which file. */
export async function uploadAll(
  documents: readonly ChaosDocument[],
  of: {
    readonly storeId: string
    readonly server: () => Promise<RagstoneProcess>
    /** Resolves when it is the document's turn. */
    readonly turn: (at: number) => Promise<void>
  },
): Promise<ReadonlyMap<string, ChaosDocument>> {
  const known = new Map<string, ChaosDocument>()
  const insist = async <Result>(
    call: (client: RagstoneProcess['client']) => Promise<Result>,
  ): Promise<Result> => {
    for (;;) {
      try {
        return await call((await of.server()).client)
      } catch (error) {
        if (isRefusal(error)) throw error
        await sleep(PAUSE_MS)
      }
    }
  }
  await inParallel(LANES, [...documents.entries()], async ([at, document]) => {
    await of.turn(at)
    const file = await insist(async (client) =>
      client.files.create({
        file: await toFile(Buffer.from(document.bytes), document.filename),
        purpose: 'assistants',
      }),
    )
    await insist((client) => client.vectorStores.files.create(of.storeId, { file_id: file.id }))
    known.set(file.id, document)
  })
  return known
}

/** An answer that no further attempt would change. */
function isRefusal(error: unknown): boolean {
  const { status } = error as { status?: number }
  return status !== undefined && status < 500 && ![408, 409, 429].includes(status)
}
