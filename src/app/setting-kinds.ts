import { Type, type TProperties, type TSchema } from 'typebox'

/**
 * What TypeBox has no word for:
 * `environment` names the variables in place of RAGSTONE_<SECTION>_<NAME>, first found wins;
 * `secret` is hidden when printed (`url`: only the password in it) and may come from a file;
 * `unit: 'bytes'` takes sizes like `1MB`; `path` is resolved against the folder it was written for.
 */
export interface SettingNotes {
  readonly description: string
  readonly default?: unknown
  readonly environment?: readonly string[]
  readonly secret?: true | 'url'
  readonly unit?: 'bytes'
  readonly path?: true
}

type Described<Extra = object> = SettingNotes & Extra
type Range = { readonly minimum?: number; readonly maximum?: number }

export const MEGABYTE = 1_000_000

export const section = <Properties extends TProperties>(
  description: string,
  properties: Properties,
) => Type.Object(properties, { description })
export const whole = (notes: Described<Range>) => Type.Integer({ minimum: 1, ...notes })
export const share = (notes: Described) => Type.Number({ minimum: 0, maximum: 1, ...notes })
export const weight = (notes: Described) => Type.Number({ minimum: 0, maximum: 100, ...notes })
export const text = (notes: Described) => Type.String({ minLength: 1, ...notes })
export const flag = (notes: Described) => Type.Boolean({ ...notes })
export const choice = <Values extends string[]>(values: readonly [...Values], notes: Described) =>
  Type.Enum(values, { ...notes })
/** Null is the default, and means what the description says. */
export const optional = <Inner extends TSchema>(inner: Inner) =>
  Type.Union([inner, Type.Null()], { default: null })
