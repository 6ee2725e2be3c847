import type { RouteDeps, Routes } from '../../route-deps.ts'
import { responseRoutes } from './response-routes.ts'
import { createRunningResponses } from './running-responses.ts'
import { storedResponseRoutes } from './stored-response-routes.ts'

const MOST_IN_BACKGROUND = 32

/** Responses, asked for and kept, with those that this process is at work on. */
export function responseResource(app: Routes, deps: RouteDeps): void {
  const running = createRunningResponses(deps.settings.backgroundResponses ?? MOST_IN_BACKGROUND)
  responseRoutes(app, deps, running)
  storedResponseRoutes(app, deps, running)
}
