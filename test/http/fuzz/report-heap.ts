import { setFlagsFromString } from 'node:v8'
import { isMainThread } from 'node:worker_threads'
import { runInNewContext } from 'node:vm'

// Loaded before the server by the test that watches its memory: asked by a signal, it says what is left after a collection.
if (isMainThread) {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  process.on('SIGUSR2', () => {
    collect()
    collect()
    const { heapUsed, external } = process.memoryUsage()
    process.stderr.write(`memory in use: ${heapUsed + external}\n`)
  })
}
