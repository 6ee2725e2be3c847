import { Type, type TSchema } from 'typebox'

export const nullable = <Inner extends TSchema>(inner: Inner) => Type.Union([inner, Type.Null()])
