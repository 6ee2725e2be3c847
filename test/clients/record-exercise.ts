import { startFakeOpenAi } from '../fake-openai-server.ts'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { exercise } from './exercise.ts'
import { exerciseEmbeddings } from './exercise-embeddings.ts'
import { exerciseJobs } from './exercise-jobs.ts'
import { exerciseOutages } from './exercise-outages.ts'
import { exerciseSources, SOURCE_ROOT } from './exercise-sources.ts'
import { writeOtherModel } from './other-model.ts'
import { createRecorder, type Exchange } from './recorder.ts'

/**
 * Everything once, against a server of its own, with a language model called `llama` behind it. `look` sees the server
 * before it is stopped.
 */
export async function recordExercise(
  look: (server: RagstoneProcess) => Promise<void> = async () => undefined,
): Promise<readonly Exchange[]> {
  const model = await startFakeOpenAi({ answer: '{"days": 30}', callsTools: true })
  const config = await writeOtherModel(model.baseUrl)
  const server = await startRagstone({
    scopes: ['admin', 'operator'],
    environment: {
      RAGSTONE_CONFIG: config.path,
      RAGSTONE_CHAT_BASE_URL: model.baseUrl,
      RAGSTONE_CHAT_MODEL: 'llama',
      RAGSTONE_SERVER_BACKGROUND_RESPONSES: '2',
      RAGSTONE_SOURCES_FOLDER_ROOTS: SOURCE_ROOT,
      RAGSTONE_BLOBS_MASTER_KEY: '11'.repeat(32),
    },
  })
  try {
    const { exchanges, fetch } = createRecorder()
    await exercise(server, fetch)
    await exerciseJobs(server, fetch)
    await exerciseSources(server, fetch)
    await exerciseEmbeddings(server, fetch)
    await exerciseOutages({ ...server, fetch }, model)
    await look(server)
    return exchanges
  } finally {
    await server.stop()
    await model.close()
    await config.remove()
  }
}
