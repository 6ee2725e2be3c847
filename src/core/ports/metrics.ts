/** What is counted and measured while the server runs. Asked twice for one name, it gives the same thing twice. */
export interface Metrics {
  counter<Label extends string = never>(options: MetricOptions<Label>): Counter<Label>
  histogram<Label extends string = never>(
    options: MetricOptions<Label> & {
      /** Upper bounds, rising. */
      readonly buckets: readonly number[]
    },
  ): Histogram<Label>
  /** Read whenever somebody looks. A later one of the same name takes the earlier one's place. */
  gauge<Label extends string = never>(
    options: MetricOptions<Label>,
    read: () => readonly (readonly [labels: Labels<Label>, value: number])[],
  ): void
}

export interface MetricOptions<Label extends string> {
  /** Prometheus's way: `ragstone_questions_total`, `ragstone_search_seconds`. */
  readonly name: string
  readonly help: string
  /** Of few values each: never a tenant, an id or anything that a caller writes. */
  readonly labels?: readonly Label[]
}

export type Labels<Label extends string> = Readonly<Record<Label, string>>

export interface Counter<Label extends string = never> {
  add(labels: Labels<Label>, amount?: number): void
}

export interface Histogram<Label extends string = never> {
  observe(labels: Labels<Label>, value: number): void
}

/** All of it as Prometheus reads it. */
export interface MetricsPage {
  readonly contentType: string
  read(): Promise<string>
}
