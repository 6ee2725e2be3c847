/** Runs the work now and then every so often, never twice at once. A failure is told, and the next time comes. */
export function periodically(
  work: (signal: AbortSignal) => Promise<void>,
  { everyMs, onError }: { readonly everyMs: number; readonly onError: (error: unknown) => void },
): { stop(): Promise<void> } {
  const controller = new AbortController()
  let running: Promise<void> | null = null
  const run = (): void => {
    running ??= work(controller.signal)
      .catch((error: unknown) => {
        if (!controller.signal.aborted) onError(error)
      })
      .finally(() => {
        running = null
      })
  }
  const timer = setInterval(run, everyMs).unref()
  run()
  return {
    async stop() {
      clearInterval(timer)
      controller.abort()
      await running
    },
  }
}
