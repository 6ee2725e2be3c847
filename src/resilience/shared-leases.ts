import type { Leases } from '../core/ports/leases.ts'
import type { SharedOrLocal } from './shared-or-local.ts'

/** Holds together, and alone while that is not possible. What is held is held here too; a renewal makes up for what was lost. */
export function createSharedLeases(of: {
  readonly shared: Leases
  readonly local: Leases
  readonly sharedOrLocal: SharedOrLocal
}): Leases {
  const { shared, local, sharedOrLocal } = of
  return {
    take: (lease, limit) =>
      sharedOrLocal.run(
        async () => {
          const held = await shared.take(lease, limit)
          if (held) await local.renew(lease)
          return held
        },
        () => local.take(lease, limit),
      ),
    async renew(lease) {
      await local.renew(lease)
      await sharedOrLocal.run(
        () => shared.renew(lease),
        async () => undefined,
      )
    },
    async release(lease) {
      await local.release(lease)
      await sharedOrLocal.run(
        () => shared.release(lease),
        async () => undefined,
      )
    },
  }
}
