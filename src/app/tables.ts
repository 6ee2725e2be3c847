import { createAnswers } from '../storage/answers.ts'
import { createChunks } from '../storage/chunks.ts'
import { createConversations } from '../storage/conversations.ts'
import { createDocuments } from '../storage/documents.ts'
import { createFileBatches } from '../storage/file-batches.ts'
import { createFiles } from '../storage/files.ts'
import { createGoldenQuestions } from '../storage/golden-questions.ts'
import { createIdempotencyKeys } from '../storage/idempotency-keys.ts'
import { createTenantStorage } from '../storage/tenant-storage.ts'
import { createUserBudgets } from '../storage/user-budgets.ts'
import { createVectorStores } from '../storage/vector-stores.ts'
import { readWrittenSpaces } from '../storage/written-spaces.ts'

/** Queries that need nothing but the transaction that they are asked in. */
export function createTables() {
  return {
    answers: createAnswers(),
    chunks: createChunks({ space: readWrittenSpaces }),
    conversations: createConversations(),
    documents: createDocuments({ space: readWrittenSpaces }),
    fileBatches: createFileBatches(),
    files: createFiles(),
    goldenQuestions: createGoldenQuestions(),
    idempotencyKeys: createIdempotencyKeys(),
    tenantStorage: createTenantStorage(),
    userBudgets: createUserBudgets(),
    vectorStores: createVectorStores(),
  }
}
