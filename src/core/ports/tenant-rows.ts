/** The rows of a tenant as they may leave the house: no column that is a secret, and no table that is none of its own. */
export interface TenantRows {
  /** Reads as the tenant's role, from one moment where that holds nobody else up. */
  read<Result>(
    tenantId: string,
    work: (reader: RowReader) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result>
  /** Whether a file or a document of the tenant has this content (SHA-256), at this moment. */
  refersTo(tenantId: string, sha256: string): Promise<boolean>
  /** Tables of which nothing leaves, and why. */
  readonly leftOut: Readonly<Record<string, string>>
}

export interface RowReader {
  /** Whether everything read is as it was at one moment, whatever changes meanwhile. */
  readonly isOneMoment: boolean
  tables(): Promise<readonly ExportedTable[]>
  /** In the order of the table's key, from behind `after`. */
  page(table: ExportedTable, after: RowKey | null, limit: number): Promise<RowPage>
  /** SHA-256 of extracted texts, each once, in their order, from behind `after`. */
  texts(after: string | null, limit: number): Promise<readonly string[]>
}

export interface ExportedTable {
  readonly name: string
  readonly columns: readonly string[]
  /** Columns that stay here. */
  readonly withheld: readonly string[]
}

export type RowKey = readonly string[]

export interface RowPage {
  /** One JSON object each, as text. */
  readonly lines: readonly string[]
  /** Of the last row; null when there are no more. */
  readonly next: RowKey | null
}
