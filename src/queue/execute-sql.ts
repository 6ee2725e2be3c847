/**
 * Runs a statement as the owner of the schema, outside any tenant's transaction. A text without values may hold several
 * statements, as the driver's simple protocol allows; what it gives then is the driver's business.
 */
export type ExecuteSql = (text: string, values?: unknown[]) => Promise<{ rows: object[] }>
