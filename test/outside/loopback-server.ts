import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface LoopbackServer {
  readonly port: number
  readonly origin: string
  readonly requests: readonly IncomingMessage[]
}

/** A web server on this machine for one test. */
export async function startLoopbackServer(answer: RequestListener): Promise<LoopbackServer> {
  const requests: IncomingMessage[] = []
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    requests.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port, origin: `http://127.0.0.1:${port}`, requests }
}
