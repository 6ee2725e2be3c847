import type { ProviderSettings } from '../core/ports/sign-in-settings.ts'
import type { Role } from '../core/principal.ts'
import { higherRole } from '../tenancy/roles.ts'

/** The highest role that a rule gives for what the claim holds; null where none does. */
export function mappedRole(
  { roleClaim, roleMapping }: Pick<ProviderSettings, 'roleClaim' | 'roleMapping'>,
  claims: Readonly<Record<string, unknown>>,
): Role | null {
  if (roleClaim === null) return null
  const values = valuesAt(claims, roleClaim)
  const roles = roleMapping.filter(({ value }) => values.includes(value)).map(({ role }) => role)
  return roles.length === 0 ? null : roles.reduce(higherRole)
}

/** A claim by its whole name (which may hold dots, as addresses do), else down the objects that its parts name. */
function valuesAt(claims: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const down = name
    .split('.')
    .reduce<unknown>(
      (node, part) =>
        typeof node === 'object' && node !== null && Object.hasOwn(node, part)
          ? Reflect.get(node, part)
          : undefined,
      claims,
    )
  const found = Object.hasOwn(claims, name) ? claims[name] : down
  return [found].flat().filter((value) => typeof value === 'string')
}
