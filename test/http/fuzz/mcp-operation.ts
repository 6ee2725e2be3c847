import type { Operation } from './api-document.ts'

/** Named by its own protocol, and so not in the document: what it may be sent, and with what it may answer. */
export function mcpOperation(store: () => string, file: () => string): Operation {
  const call = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 1, method, params })
  const tool = (name: string, given: object) => call('tools/call', { name, arguments: given })
  return {
    name: 'post /mcp',
    method: 'POST',
    path: '/mcp',
    isPublic: false,
    parameters: [],
    contentType: 'application/json',
    body: null,
    get examples() {
      return [
        call('initialize', {
          protocolVersion: '2025-06-18',
          capabilities: {},
          clientInfo: { name: 'fuzz', version: '1' },
        }),
        call('ping'),
        call('tools/list'),
        call('resources/list'),
        call('resources/templates/list'),
        call('resources/read', { uri: `ragstone://vector_stores/${store()}/files/${file()}` }),
        tool('search', { query: 'leave' }),
        tool('fetch', { id: `${store()}/${file()}` }),
        tool('ask', { question: 'How many days of leave?', vector_store_ids: [store()] }),
        { jsonrpc: '2.0', method: 'notifications/initialized' },
        [call('ping'), call('tools/list')],
      ]
    },
    statuses: [200, 202, 400, 401, 403, 404, 406, 413, 415, 429, 503],
    check: () => null,
  }
}
