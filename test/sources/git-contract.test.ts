import { test } from 'vitest'
import { createKind, makeCopiesFolder } from './git-place.ts'
import { GIT_IS_ABSENT, startGitServer, type GitServer } from './git-server.ts'
import { sourceContract } from './source-contract.ts'

let server: GitServer | null = null

if (GIT_IS_ABSENT === null) {
  sourceContract('git', {
    async open(documents, { maxFileBytes }) {
      server ??= await startGitServer()
      const repository = await server.createRepository()
      await repository.commit(documents)
      return {
        kind: createKind(await makeCopiesFolder(), { maxFileBytes }),
        settings: { url: repository.url },
        credentials: null,
        keyOf: (name) => name,
        put: async (name, text) => void (await repository.commit({ [name]: text })),
        remove: async (name) => void (await repository.commit({ [name]: null })),
        breakListing: () => repository.delete(),
        close: async () => undefined,
      }
    },
    close: async () => server?.close(),
  })
} else test.skip(`the contract of sources: git: ${GIT_IS_ABSENT}`)
