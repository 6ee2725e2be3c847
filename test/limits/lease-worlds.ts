import { randomUUID } from 'node:crypto'
import { describe } from 'vitest'
import type { Leases } from '../../src/core/ports/leases.ts'
import { createLocalLeases } from '../../src/limits/local-leases.ts'
import { createValkeyLeases } from '../../src/valkey/valkey-leases.ts'
import { isChosen } from '../chosen-backends.ts'
import { describeOnValkey } from '../valkey-server.ts'

export interface LeaseWorld {
  /** Fresh leases, which know nothing of any others. */
  make(): Leases
}

/** Runs the suite on the leases in process, and on those in Valkey where there is one. */
export function onEveryLeases(title: string, suite: (world: LeaseWorld) => void): void {
  describe.runIf(isChosen('process'))(`${title} in process`, () =>
    suite({ make: () => createLocalLeases() }),
  )
  describeOnValkey(`${title} in Valkey`, (valkey) => {
    suite({ make: () => createValkeyLeases({ valkey: valkey(), prefix: `test:${randomUUID()}:` }) })
  })
}
