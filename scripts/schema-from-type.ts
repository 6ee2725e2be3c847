import ts from 'typescript-for-schemas'

export type JsonSchema = { readonly [key: string]: unknown }

export interface SchemaWriter {
  /** A schema of what the type allows, as JSON carries it. Members that it does not name are allowed. */
  write(type: ts.Type): JsonSchema
  /** Objects, each once: what is written refers to them. */
  readonly $defs: Readonly<Record<string, JsonSchema>>
}

/** `absent` are members that are declared and never on the wire. */
export function createSchemaWriter(
  checker: ts.TypeChecker,
  absent: readonly string[],
): SchemaWriter {
  const $defs: Record<string, JsonSchema> = {}
  const names = new Map<ts.Type, string>()

  const write = (type: ts.Type): JsonSchema => {
    if (type.isUnion()) return writeUnion(type.types)
    return writeSimple(type) ?? writeArray(type) ?? refer(type)
  }

  const writeUnion = (types: readonly ts.Type[]): JsonSchema => {
    const sent = types.filter(({ flags }) => (flags & ts.TypeFlags.Undefined) === 0)
    const values = sent.flatMap((type) => literalOf(type) ?? [])
    const others = sent.filter((type) => literalOf(type) === null).map(write)
    const choices = [...(values.length === 0 ? [] : [{ enum: values }]), ...others]
    return choices.length === 1 ? (choices[0] ?? {}) : { anyOf: choices }
  }

  const writeArray = (type: ts.Type): JsonSchema | null => {
    if (!checker.isArrayType(type)) return null
    const [item] = checker.getTypeArguments(type as ts.TypeReference)
    return { type: 'array', ...(item === undefined ? {} : { items: write(item) }) }
  }

  const refer = (type: ts.Type): JsonSchema => {
    const known = names.get(type)
    const name = known ?? `${type.aliasSymbol?.name ?? type.symbol?.name ?? 'Type'}-${names.size}`
    if (known === undefined) {
      names.set(type, name)
      $defs[name] = writeObject(type)
    }
    return { $ref: `#/$defs/${encodeURIComponent(name)}` }
  }

  const writeObject = (type: ts.Type): JsonSchema => {
    const members = checker.getPropertiesOfType(type).filter((member) => isSent(member, absent))
    const index = checker.getIndexInfoOfType(type, ts.IndexKind.String)
    return {
      type: 'object',
      properties: Object.fromEntries(
        members.map((member) => [member.name, write(checker.getTypeOfSymbol(member))]),
      ),
      required: members
        .filter(({ flags }) => (flags & ts.SymbolFlags.Optional) === 0)
        .map(({ name }) => name),
      ...(index === undefined ? {} : { additionalProperties: write(index.type) }),
    }
  }

  return { write, $defs }
}

function writeSimple(type: ts.Type): JsonSchema | null {
  const { flags } = type
  const literal = literalOf(type)
  if (literal !== null) return { const: literal[0] }
  if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return {}
  if (flags & ts.TypeFlags.String) return { type: 'string' }
  if (flags & ts.TypeFlags.Number) return { type: 'number' }
  // `string & {}`: any string, with suggestions beside it.
  const isOpenString =
    type.isIntersection() && type.types.some(({ flags: f }) => f & ts.TypeFlags.String)
  return isOpenString ? { type: 'string' } : null
}

/** In a list of one, since the value may be null; null where the type is no single value. */
function literalOf(type: ts.Type): readonly [unknown] | null {
  if (type.flags & ts.TypeFlags.Null) return [null]
  if (type.isStringLiteral() || type.isNumberLiteral()) return [type.value]
  if (type.flags & ts.TypeFlags.BooleanLiteral) {
    return [(type as ts.Type & { intrinsicName: string }).intrinsicName === 'true']
  }
  return null
}

/** Classes of the client have members of their own beside what was sent. */
function isSent(member: ts.Symbol, absent: readonly string[]): boolean {
  const [declaration] = member.declarations ?? []
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected
  const isHidden =
    declaration !== undefined && (ts.getCombinedModifierFlags(declaration) & hidden) !== 0
  const isMember = (member.flags & ts.SymbolFlags.Property) !== 0
  return isMember && !isHidden && !/^(?:#|__)/.test(member.name) && !absent.includes(member.name)
}
