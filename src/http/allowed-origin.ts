/**
 * Whether pages of an origin are among those that are allowed: named exactly, or by a pattern whose `*` stands for one
 * label of the host, `https://*.example.com`.
 */
export function isAllowedOrigin(origin: string, allowed: readonly string[]): boolean {
  return allowed.some((each) => each === origin || patternOf(each).test(origin))
}

function patternOf(allowed: string): RegExp {
  const parts = allowed.split('*').map((part) => RegExp.escape(part))
  return new RegExp(`^${parts.join('[a-z0-9-]+')}$`)
}
