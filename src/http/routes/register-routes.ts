import type { RouteDeps, Routes } from '../route-deps.ts'
import { accessRoutes } from './access/access-routes.ts'
import { apiKeyChangeRoutes } from './access/api-key-change-routes.ts'
import { apiKeyRoutes } from './access/api-key-routes.ts'
import { auditRoutes } from './audit/audit-routes.ts'
import { answerRoutes } from './answers/answer-routes.ts'
import { blobRoutes } from './blobs/blob-routes.ts'
import { budgetRoutes } from './budgets/budget-routes.ts'
import { userBudgetRoutes } from './budgets/user-budget-routes.ts'
import { chatCompletionRoutes } from './chat-completions/chat-completion-routes.ts'
import { chunkRoutes } from './chunks/chunk-routes.ts'
import { conversationItemRoutes } from './conversations/conversation-item-routes.ts'
import { conversationRoutes } from './conversations/conversation-routes.ts'
import { embeddingRoutes } from './embeddings/embedding-routes.ts'
import { comparisonRoutes } from './embedding-migrations/comparison-routes.ts'
import { migrationRoutes } from './embedding-migrations/migration-routes.ts'
import { fileBatchRoutes } from './file-batches/file-batch-routes.ts'
import { fileContentRoutes } from './files/file-content-routes.ts'
import { fileRoutes } from './files/file-routes.ts'
import { goldenQuestionRoutes } from './golden-questions/golden-question-routes.ts'
import { healthRoutes } from './health/health-routes.ts'
import { ingestionRoutes } from './ingestion/ingestion-routes.ts'
import { jobChangeRoutes } from './jobs/job-change-routes.ts'
import { jobRoutes } from './jobs/job-routes.ts'
import { queueRoutes } from './jobs/queue-routes.ts'
import { mcpRoutes } from './mcp/mcp-routes.ts'
import { metricsRoutes } from './metrics/metrics-routes.ts'
import { modelRoutes } from './models/model-routes.ts'
import { invitationRoutes } from './people/invitation-routes.ts'
import { openIdRoutes } from './people/openid-routes.ts'
import { secretRoutes } from './people/secret-routes.ts'
import { sessionRoutes } from './people/session-routes.ts'
import { signInSettingsRoutes } from './people/sign-in-settings-routes.ts'
import { signInRoutes } from './people/sign-in-routes.ts'
import { tokenRoutes } from './people/token-routes.ts'
import { userRoutes } from './people/user-routes.ts'
import { referenceRoutes } from './reference/reference-routes.ts'
import { responseResource } from './responses/response-resource.ts'
import { searchRoutes } from './search/search-routes.ts'
import { erasureRoutes } from './tenants/erasure-routes.ts'
import { exportRoutes } from './tenants/export-routes.ts'
import { ownTenantRoutes } from './tenants/own-tenant-routes.ts'
import { suspensionRoutes } from './tenants/suspension-routes.ts'
import { sourceRoutes } from './sources/source-routes.ts'
import { syncRoutes } from './sources/sync-routes.ts'
import { tenantRoutes } from './tenants/tenant-routes.ts'
import { usageRoutes } from './usage/usage-routes.ts'
import { vectorStoreFileRoutes } from './vector-store-files/vector-store-file-routes.ts'
import { vectorStoreRoutes } from './vector-stores/vector-store-routes.ts'

/** The whole interface, one line a resource. */
const RESOURCES = [
  modelRoutes,
  fileRoutes,
  fileContentRoutes,
  vectorStoreRoutes,
  vectorStoreFileRoutes,
  fileBatchRoutes,
  chunkRoutes,
  goldenQuestionRoutes,
  searchRoutes,
  embeddingRoutes,
  responseResource,
  conversationRoutes,
  conversationItemRoutes,
  chatCompletionRoutes,
  answerRoutes,
  ingestionRoutes,
  sourceRoutes,
  syncRoutes,
  jobRoutes,
  jobChangeRoutes,
  queueRoutes,
  migrationRoutes,
  comparisonRoutes,
  usageRoutes,
  budgetRoutes,
  userBudgetRoutes,
  accessRoutes,
  apiKeyRoutes,
  apiKeyChangeRoutes,
  signInRoutes,
  openIdRoutes,
  signInSettingsRoutes,
  tokenRoutes,
  secretRoutes,
  sessionRoutes,
  userRoutes,
  invitationRoutes,
  ownTenantRoutes,
  tenantRoutes,
  suspensionRoutes,
  exportRoutes,
  erasureRoutes,
  blobRoutes,
  auditRoutes,
  healthRoutes,
  metricsRoutes,
  referenceRoutes,
  mcpRoutes,
]

export function registerRoutes(app: Routes, deps: RouteDeps): void {
  for (const register of RESOURCES) register(app, deps)
}
