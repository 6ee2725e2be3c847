import { Type } from 'typebox'

const state = Type.Enum(['ok', 'degraded', 'down'])

export const liveness = Type.Object({ status: Type.Literal('ok') })
export const readiness = Type.Object({ status: state })

export const health = Type.Object(
  {
    status: state,
    version: Type.Optional(Type.String()),
    checks: Type.Optional(
      Type.Array(
        Type.Object({
          name: Type.String(),
          status: state,
          detail: Type.String({ description: 'What it is, and what to do when it is not well.' }),
        }),
        { description: 'For callers with the scope `admin` only.' },
      ),
    ),
  },
  { title: 'Health' },
)
