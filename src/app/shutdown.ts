/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function untilStopped(): { readonly promise: Promise<void>; readonly signal: AbortSignal } {
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(1)
    controller.abort()
    resolve()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return { promise, signal: controller.signal }
}
