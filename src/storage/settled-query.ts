import pg from 'pg'

/** What `pg` calls on a query while its answer comes in; its types keep quiet about it. */
interface WireQuery extends pg.Submittable {
  readonly name: string | undefined
  readonly text: string
  readonly _result: unknown
  submit(connection: pg.Connection): Error | null
  handleRowDescription(message: unknown): void
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, connection: pg.Connection): void
  handleEmptyQuery(connection: pg.Connection): void
  handlePortalSuspended(connection: pg.Connection): void
  handleError(error: unknown, connection: pg.Connection): void
  handleReadyForQuery(connection: pg.Connection): void
}

type Wire = pg.Connection & {
  parse(query: { readonly text: string }): void
  bind(config: { readonly portal: string }): void
  execute(config: { readonly portal: string }): void
  sync(): void
}

export interface SettledQuery {
  /** One statement that gives one row, which nobody reads: `select set_config(…, true)`. */
  readonly settings: string
  readonly text: string
  readonly values: readonly unknown[]
  /** The server keeps the statement, and its plan, under this name for as long as the connection lives. */
  readonly name?: string
}

/**
 * A query that travels in one message with the settings of its transaction. Everything up to the `Sync` behind it is one
 * transaction, in which the settings hold; when they fail, the server skips the rest, so the query never runs without
 * its role. After an error the client must not be used again: `pg` may think that the name is known.
 */
export function queryWithSettings(
  client: pg.ClientBase,
  { settings, text, values, name }: SettledQuery,
): Promise<pg.QueryResult> {
  const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult>()
  const config = { text, values: [...values], queryMode: 'extended', ...(name && { name }) }
  const query = new pg.Query(config as pg.QueryConfig, (error, result) => {
    if (error) reject(error)
    else resolve(result as unknown as pg.QueryResult)
  }) as unknown as WireQuery
  client.query(settled(query, settings))
  return promise
}

function settled(query: WireQuery, settings: string): WireQuery {
  let isSettled = false
  return {
    name: query.name,
    text: query.text,
    _result: query._result,
    submit(connection) {
      const wire = connection as Wire
      wire.stream.cork()
      try {
        wire.parse({ text: settings })
        wire.bind({ portal: '' })
        wire.execute({ portal: '' })
        const refused = query.submit(connection)
        if (refused !== null) wire.sync()
        return refused
      } finally {
        wire.stream.uncork()
      }
    },
    handleRowDescription: (message) => query.handleRowDescription(message),
    handleDataRow(message) {
      if (isSettled) query.handleDataRow(message)
    },
    handleCommandComplete(message, connection) {
      if (isSettled) query.handleCommandComplete(message, connection)
      isSettled = true
    },
    handleEmptyQuery: (connection) => query.handleEmptyQuery(connection),
    handlePortalSuspended: (connection) => query.handlePortalSuspended(connection),
    handleError: (error, connection) => query.handleError(error, connection),
    handleReadyForQuery: (connection) => query.handleReadyForQuery(connection),
  }
}
