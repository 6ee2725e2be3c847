export type AttributeValue = string | number | boolean
export type Attributes = Readonly<Record<string, AttributeValue>>

/** OpenAI's comparison filter. */
export interface ComparisonFilter {
  readonly type: 'eq' | 'gt' | 'gte' | 'in' | 'lt' | 'lte' | 'ne' | 'nin'
  readonly key: string
  readonly value: AttributeValue | readonly (string | number)[]
}

/** OpenAI's compound filter; nests. */
export interface CompoundFilter {
  readonly type: 'and' | 'or'
  readonly filters: readonly Filter[]
}

export type Filter = ComparisonFilter | CompoundFilter
