import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { onTestFinished } from 'vitest'

/** The official client, connected until the test is over. */
export async function connectMcp(url: string, key: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' })
  const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
  })
  // Its `sessionId` is not typed for exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<Client['connect']>[0])
  onTestFinished(() => client.close())
  return client
}

/** What a tool gave; `Result` is its structured content. */
export async function callTool<Result>(
  client: Client,
  name: string,
  args: Record<string, unknown>,
): Promise<{
  readonly isError?: boolean
  readonly content: readonly { readonly type: string; readonly text: string }[]
  readonly structuredContent: Result
}> {
  return (await client.callTool({ name, arguments: args })) as never
}
