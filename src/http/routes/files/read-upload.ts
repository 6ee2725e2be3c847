import type { MultipartFile, MultipartValue } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { FILE_PURPOSES } from '../../../contract/file.ts'
import { AppError } from '../../../core/errors.ts'
import type { Spool, SpooledContent } from '../../../core/ports/spool.ts'
import type { NewUpload } from '../../../core/submission.ts'
import { RequestError, invalidValue } from '../../request-error.ts'
import { displayName } from './display-name.ts'

interface Form {
  readonly file: { readonly content: SpooledContent; readonly filename: string } | null
  readonly fields: ReadonlyMap<string, string>
}

export interface UploadForm {
  readonly upload: NewUpload & { readonly content: SpooledContent }
  /** The same for the same form, whenever it is sent. */
  readonly essence: unknown
}

export interface UploadPlace {
  readonly spool: Spool
  readonly fileLimitBytes: number
}

/** The form of POST /v1/files. Its content is to be discarded; where the form is refused, it already was. */
export async function readUpload(request: FastifyRequest, place: UploadPlace): Promise<UploadForm> {
  const form = await readForm(request, place)
  try {
    return checkForm(form)
  } catch (error) {
    await form.file?.content.discard()
    throw error
  }
}

function checkForm({ file, fields }: Form): UploadForm {
  const purpose = readPurpose(fields.get('purpose'))
  const expiresAt = readExpiry(fields)
  if (file === null) {
    throw new RequestError(
      'missing_required_parameter',
      "Missing required parameter: 'file'. Send the document as a form part of that name, with a filename.",
      { param: 'file' },
    )
  }
  if (file.content.bytes === 0) {
    throw new AppError('file_empty', 'The file is empty.', { param: 'file' })
  }
  const { sha256 } = file.content
  return {
    upload: { ...file, purpose, expiresAt },
    essence: { filename: file.filename, sha256, fields: Object.fromEntries(fields) },
  }
}

/** Parts beside the file are a few short words. */
const FORM_LIMITS = { files: 1, fields: 10, parts: 11, fieldSize: 1_000, headerPairs: 50 }
const KNOWN_FIELDS = ['purpose', 'expires_after[anchor]', 'expires_after[seconds]']

async function readForm(
  request: FastifyRequest,
  { spool, fileLimitBytes }: UploadPlace,
): Promise<Form> {
  if (!request.isMultipart()) {
    throw new RequestError(
      'unsupported_media_type',
      'Send the file as multipart/form-data, with the parts `file` and `purpose`.',
      { status: 415 },
    )
  }
  let file: Form['file'] = null
  const fields = new Map<string, string>()
  try {
    const limits = { ...FORM_LIMITS, fileSize: fileLimitBytes }
    for await (const part of request.parts({ limits })) {
      if (part.type === 'file') file = await readFilePart(part, spool)
      else fields.set(...readField(part))
    }
  } catch (error) {
    await file?.content.discard()
    throw formFailure(error, fileLimitBytes)
  }
  return { file, fields }
}

async function readFilePart(part: MultipartFile, spool: Spool): Promise<NonNullable<Form['file']>> {
  if (part.fieldname !== 'file') throw unknownField(part.fieldname)
  return { content: await spool.take(wholeOf(part)), filename: displayName(part.filename) }
}

/** A file that is too large ends early, and only then says so. */
async function* wholeOf({ file }: MultipartFile): AsyncGenerator<Uint8Array> {
  yield* file as AsyncIterable<Uint8Array>
  if (file.truncated)
    throw Object.assign(new Error('too large'), { code: 'FST_REQ_FILE_TOO_LARGE' })
}

function readField(part: MultipartValue): [string, string] {
  if (!KNOWN_FIELDS.includes(part.fieldname)) throw unknownField(part.fieldname)
  return [part.fieldname, String(part.value)]
}

function unknownField(name: string): RequestError {
  const param = name.slice(0, 100)
  return new RequestError('unknown_parameter', `Unknown parameter: '${param}'.`, { param })
}

function formFailure(error: unknown, fileLimitBytes: number): unknown {
  if (error instanceof AppError) return error
  const { code = '' } = error as { readonly code?: string }
  if (code === 'FST_REQ_FILE_TOO_LARGE') {
    return new AppError('file_too_large', `The file is larger than ${fileLimitBytes} bytes.`, {
      param: 'file',
    })
  }
  if (code === 'FST_FILES_LIMIT') return invalidValue('file', 'Send one file at a time.')
  if (code.startsWith('FST_')) return invalidValue('file', 'The form has too many or odd parts.')
  return new RequestError('invalid_value', 'The form is cut off or not valid multipart/form-data.')
}

function readPurpose(purpose: string | undefined): string {
  const known = FILE_PURPOSES.map((name) => `'${name}'`).join(', ')
  if (purpose === undefined) {
    throw new RequestError(
      'missing_required_parameter',
      `Missing required parameter: 'purpose'. It is one of ${known}; for questions, 'assistants'.`,
      { param: 'purpose' },
    )
  }
  if (FILE_PURPOSES.some((name) => name === purpose)) return purpose
  throw invalidValue('purpose', `'purpose' must be one of ${known}.`)
}

const seconds = Compile(Type.Integer({ minimum: 3_600, maximum: 2_592_000 }))

function readExpiry(fields: Form['fields']): Date | null {
  const anchor = fields.get('expires_after[anchor]')
  const after = fields.get('expires_after[seconds]')
  if (anchor === undefined && after === undefined) return null
  if (anchor !== 'created_at') {
    throw invalidValue('expires_after.anchor', "'expires_after.anchor' must be 'created_at'.")
  }
  const span = Number(after)
  if (!seconds.Check(span)) {
    throw invalidValue(
      'expires_after.seconds',
      "'expires_after.seconds' must be a whole number from 3600 to 2592000.",
    )
  }
  return new Date(Date.now() + span * 1_000)
}
