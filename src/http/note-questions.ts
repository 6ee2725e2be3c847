import type { AuditEntry, AuditLog, NoteQuestion } from '../core/ports/audit.ts'
import type { Caller } from '../core/caller.ts'
import type { Search } from '../core/ask.ts'
import { DEFAULT_TENANT_SETTINGS, type TenantSettings } from '../core/tenant.ts'
import type { TenantDirectory } from '../tenancy/tenant-directory.ts'
import { actorOf } from './actor-of.ts'
import type { AuditNotes } from './audit-notes.ts'

interface QuestionDeps {
  readonly tenantDirectory: Pick<TenantDirectory, 'requireActive'>
}

/** Its words are kept only where the tenant wants it. */
export function createNoteQuestion({
  auditLog,
  tenantDirectory,
}: QuestionDeps & { readonly auditLog: Pick<AuditLog, 'append'> }): NoteQuestion {
  return async (tenantId, asked) => {
    const { answerId, caller, question, vectorStoreIds, model, outcome } = asked
    // Not within the transaction: the embedded database serves one at a time.
    const settings = await settingsOf(tenantDirectory, tenantId)
    const isDone = outcome === 'abstained' || outcome === 'answered'
    const words = wordsOf(question, settings)
    const entry: AuditEntry = {
      ...entryOf(caller),
      action: 'question.ask',
      target: answerId,
      outcome: isDone ? 'done' : 'failed',
      detail: { result: outcome, model, vector_store_ids: vectorStoreIds, ...words },
    }
    return (transaction) => auditLog.append(transaction, entry)
  }
}

/** The same search, which also says who looked for something. */
export function noteSearches(
  search: Search,
  deps: QuestionDeps & { readonly audit: { readonly notes: Pick<AuditNotes, 'note'> } },
): Search {
  return async (request, signal) => {
    const found = await search(request, signal)
    const { tenantId, caller, text, vectorStoreIds } = request
    const settings = await settingsOf(deps.tenantDirectory, tenantId)
    deps.audit.notes.note(tenantId, {
      ...entryOf(caller),
      action: 'question.search',
      target: null,
      outcome: 'done',
      detail: {
        results: found.length,
        vector_store_ids: vectorStoreIds,
        ...wordsOf(text, settings),
      },
    })
    return found
  }
}

function entryOf(caller: Caller): Pick<AuditEntry, 'actor' | 'address' | 'requestId'> {
  return { actor: actorOf(caller), address: caller.address, requestId: caller.requestId }
}

function wordsOf(text: string, { auditQuestions }: TenantSettings): { question?: string } {
  return auditQuestions ? { question: text } : {}
}

/** Of a tenant that was suspended while it was being answered, the words are not kept. */
async function settingsOf(
  directory: Pick<TenantDirectory, 'requireActive'>,
  tenantId: string,
): Promise<TenantSettings> {
  try {
    return (await directory.requireActive(tenantId)).settings
  } catch {
    return DEFAULT_TENANT_SETTINGS
  }
}
