import type { RecentQuestions } from '../core/ports/recent-questions.ts'

export function createRecentQuestions(): RecentQuestions {
  return {
    // What was searched for, newest first, each once a set of stores.
    list: (transaction, limit) =>
      transaction.query(
        `select query, "vectorStoreIds" from (
           select distinct on (query, "vectorStoreIds") query, "vectorStoreIds", created_at from (
             select trace ->> 'query' as query, trace -> 'vectorStoreIds' as "vectorStoreIds", created_at
             from answer_traces where tenant_id = $1 order by created_at desc limit $2) as latest
           where jsonb_array_length("vectorStoreIds") > 0
           order by query, "vectorStoreIds", created_at desc) as asked
         order by created_at desc limit $3`,
        [transaction.tenantId, 10 * limit, limit],
      ),
  }
}
