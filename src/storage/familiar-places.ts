import type { FamiliarPlaces } from '../core/ports/password-attempts.ts'

export function createFamiliarPlaces(): FamiliarPlaces {
  return {
    async isFamiliar(transaction, { userId, place, since }) {
      const rows = await transaction.query(
        `select from familiar_places
         where tenant_id = $1 and user_id = $2 and place = $3 and seen_at > $4 limit 1`,
        [transaction.tenantId, userId, place, since],
      )
      return rows.length > 0
    },

    async remember(transaction, { userId, places, now, most }) {
      await transaction.query(
        `insert into familiar_places (tenant_id, user_id, place, seen_at)
         select $1, $2, place, $4::timestamptz from unnest($3::bytea[]) as given (place)
         on conflict (tenant_id, user_id, place) do update set seen_at = excluded.seen_at`,
        [transaction.tenantId, userId, places, now],
      )
      await transaction.query(
        `delete from familiar_places where tenant_id = $1 and user_id = $2 and place in (
           select place from familiar_places where tenant_id = $1 and user_id = $2
           order by seen_at desc, place offset $3)`,
        [transaction.tenantId, userId, most],
      )
    },
  }
}
