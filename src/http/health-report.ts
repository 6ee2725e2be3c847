export type HealthState = 'degraded' | 'down' | 'ok'

export interface HealthReport {
  /** `down` takes the server out of a load balancer; `degraded` only says so. */
  readonly status: HealthState
  readonly checks: readonly {
    readonly name: string
    readonly status: HealthState
    /** What it is, and what to do when it is not well. */
    readonly detail: string
  }[]
}

export type CheckHealth = () => Promise<HealthReport>
