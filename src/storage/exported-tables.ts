/** What leaves of one table. A column is in one of the lists; but for the tenant's id, which the archive says once. */
interface TableDecision {
  readonly shown: readonly string[]
  /** And why. */
  readonly withheld: Readonly<Record<string, string>>
}

/** What of a tenant is handed out, column by column; why a table is not. A table that is not here is not handed out. */
type Decision = TableDecision | string

const HASH = 'the hash of a secret'
const SALT = 'signing secrets are derived from it'

const shown = (columns: string, withheld: TableDecision['withheld'] = {}): TableDecision => ({
  shown: columns.split(/\s+/),
  withheld,
})

const DECISIONS: Readonly<Record<string, Decision>> = {
  tenants: shown('id name created_at status tier limits settings'),
  tenant_storage: shown('files stored_bytes chunks'),

  files: shown('id filename purpose bytes sha256 created_at expires_at made_by_key'),
  vector_stores: shown(
    'id name metadata created_at last_active_at expires_after_days chunk_tokens chunk_overlap_tokens version',
  ),
  documents: shown(
    `vector_store_id file_id status stage attributes chunk_tokens chunk_overlap_tokens source_key batch_id error_code
     error_message media_type title text_sha256 text_bytes chunk_count chunks_embedded created_at pages
     pages_done stage_done work_started_at stage_started_at`,
  ),
  chunks: shown(
    'id vector_store_id file_id ordinal start_byte end_byte text context headings page later_pages tokens origin_text edited_at',
  ),
  disabled_chunks: shown(
    `id vector_store_id file_id ordinal start_byte end_byte text context headings page later_pages tokens origin_text
     edited_at disabled_at`,
  ),
  golden_questions: shown(
    'id vector_store_id question question_sha256 expected created_at updated_at',
  ),
  sources: shown(
    `id vector_store_id name kind settings schedule delete_share watched paused_at removing_at next_sync_at created_at
     updated_at`,
    { credentials: 'what opens the source, sealed' },
  ),
  source_documents: shown(
    'source_id key version memory file_id sha256 bytes pending_file_id last_seen_at',
  ),
  source_syncs: shown(
    `id source_id trigger dry_run keys confirmed status listed unchanged added changed deleted skipped failed held bytes
     error_code error_message created_at started_at finished_at`,
  ),
  source_agenda: 'when the server is to look at which source',
  source_sync_documents: shown('sync_id key action reason file_id bytes'),
  file_batches: shown('vector_store_id id created_at cancelled_at'),
  file_batch_members: shown('vector_store_id batch_id file_id'),
  embedding_cache: 'made anew from the texts',
  tenant_data_keys: 'the key under which its files are kept, wrapped',

  responses: shown('id created_at previous_response_id conversation_id input response made_by_key'),
  answer_traces: shown('answer_id created_at trace made_by_key'),
  answer_citations: shown(
    'answer_id place vector_store_id file_id start_byte end_byte quote created_at made_by_key',
  ),
  conversations: shown('id created_at metadata next_position made_by_key'),
  conversation_items: shown('conversation_id id position item made_by_key'),
  idempotency_keys: 'answers kept for a repeated request, new API keys among them',

  api_keys: shown(
    `id name scopes created_at expires_at revoked_at vector_store_ids limits made_by last_used_at rotated_at
     previous_until expiry_noted_at`,
    { hash: HASH, previous_hash: HASH, signing_salt: SALT, previous_signing_salt: SALT },
  ),
  signature_nonces: 'of use for minutes, against repeated signatures',
  users: shown(
    'id email name role role_from_provider tokens_valid_from disabled_at created_at last_sign_in_at',
    { password_hash: 'the hash of a password' },
  ),
  user_identities: shown('issuer subject user_id created_at'),
  user_sessions: shown('id user_id method address user_agent created_at seen_at expires_at', {
    hash: HASH,
  }),
  familiar_places: shown('user_id seen_at', { place: HASH }),
  password_attempts: 'counts by the hash of what failed',
  invitations: shown('id email role invited_by created_at expires_at expiry_noted_at', {
    hash: HASH,
  }),
  password_resets: shown('user_id expires_at', { hash: HASH }),
  sign_in_settings: shown(
    'password_allowed issuer client_id scopes role_claim role_mapping default_role updated_at',
    { client_secret: 'a secret of the OpenID provider, sealed' },
  ),

  usage_ledger: shown(
    `sequence at request_id answer_id key_id user_id model purpose input_tokens cached_tokens output_tokens estimated
     cost currency price_as_of budgeted latency_ms`,
  ),
  budget_accounts: shown('holder day day_tokens day_cost month month_tokens month_cost'),
  budget_reservations: 'held back for calls that are under way',
  user_budgets: shown('user_id limits'),

  audit_log: shown('id at action actor_kind actor_id target outcome request_id address detail'),
  audit_chain: shown('position entry_id hash sealed_at'),
  audit_heads: shown('position hash'),
  audit_queue: 'what the server has still to seal and to hand on',
}

const VECTORS = shown('chunk_id vector_store_id file_id embedding')

/** Undefined for a table on which nothing was decided. */
export function decisionOn(table: string): Decision | undefined {
  return /^vectors_[a-z0-9_]+$/.test(table) ? VECTORS : DECISIONS[table]
}

export const DECIDED_TABLES: readonly string[] = Object.keys(DECISIONS)
