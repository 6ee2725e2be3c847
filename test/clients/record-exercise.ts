import { startFakeOpenAi } from '../fake-openai-server.ts'
import { startRagstone } from '../ragstone-process.ts'
import { exercise } from './exercise.ts'
import type { Exchange } from './recorder.ts'

/** Everything once, against a server of its own, with a language model called `llama` behind it. */
export async function recordExercise(): Promise<readonly Exchange[]> {
  const model = await startFakeOpenAi({ answer: '{"days": 30}', callsTools: true })
  const server = await startRagstone({
    scopes: ['admin', 'operator'],
    environment: { RAGSTONE_CHAT_BASE_URL: model.baseUrl, RAGSTONE_CHAT_MODEL: 'llama' },
  })
  try {
    return await exercise(server)
  } finally {
    await server.stop()
    await model.close()
  }
}
