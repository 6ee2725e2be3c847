import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { SourceCreate, SourceUpdate } from '../../../contract/source.ts'
import type { SourceKind } from '../../../core/ports/source-kind.ts'
import type { SourceWish, SourceWishChange } from '../../../ingest/sync/source-desk.ts'
import { invalidValue } from '../../request-error.ts'
import { checkedValue } from '../../validation.ts'
import { readSchedule } from './wire-source.ts'

type Kinds = ReadonlyMap<string, SourceKind>
type Given = Readonly<Record<string, unknown>>

const USUAL_SHARE = 0.5

export function readSource(kinds: Kinds, body: SourceCreate): SourceWish {
  const kind = kindNamed(kinds, body.kind)
  return {
    vectorStoreId: body.vector_store_id,
    name: body.name,
    kind: kind.name,
    settings: readSettings(kind, body.settings),
    credentials: readCredentials(kind, body.credentials ?? null),
    schedule: body.schedule ? readSchedule(body.schedule) : null,
    deleteShare: body.delete_share ?? USUAL_SHARE,
    isPaused: body.paused ?? false,
  }
}

export function readSourceChange(
  kinds: Kinds,
  kindName: string,
  body: SourceUpdate,
): SourceWishChange {
  const kind = kindNamed(kinds, kindName)
  const { name, settings, credentials, schedule, delete_share: deleteShare } = body
  return {
    ...(name === undefined ? {} : { name }),
    ...(settings === undefined ? {} : { settings: readSettings(kind, settings) }),
    ...(credentials === undefined ? {} : { credentials: readCredentials(kind, credentials) }),
    ...(schedule === undefined ? {} : { schedule: schedule && readSchedule(schedule) }),
    ...(deleteShare === undefined ? {} : { deleteShare }),
  }
}

function kindNamed(kinds: Kinds, name: string): SourceKind {
  const kind = kinds.get(name)
  if (kind !== undefined) return kind
  throw invalidValue('kind', `There is no kind ${name}: there are ${[...kinds.keys()].join(', ')}.`)
}

const readSettings = ({ settings }: SourceKind, given: Given): Given =>
  checkedValue<Given>(Compile(settings as TSchema) as never, given, 'settings')

function readCredentials({ name, credentials }: SourceKind, given: Given | null): Given | null {
  if (given === null) return null
  if (credentials === null)
    throw invalidValue('credentials', `Sources of the kind ${name} take no credentials.`)
  return checkedValue<Given>(Compile(credentials as TSchema) as never, given, 'credentials')
}
