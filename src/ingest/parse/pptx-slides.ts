import {
  type OfficeContentNode,
  OfficeErrorType,
  type OfficeParserAST,
  OfficeWarningType,
  parseOffice,
} from 'officeparser'
import type { ParseLimits } from '../../core/document.ts'
import { repack, type Archive } from './archive.ts'
import { isXmlPart } from './office-parts.ts'
import { parseFailure, readableBytes } from './parse-failure.ts'

// The library gives what it has when it stops there; a file indexed in part would answer wrongly.
const CUT_SHORT: ReadonlySet<string> = new Set([
  OfficeWarningType.TABLE_CELL_LIMIT_EXCEEDED,
  OfficeWarningType.REPEATED_CONTENT_LIMIT_EXCEEDED,
])
const OVER_LIMIT: ReadonlySet<string> = new Set([
  OfficeErrorType.XML_ELEMENT_LIMIT_EXCEEDED,
  OfficeErrorType.ZIP_ENTRY_COUNT_LIMIT_EXCEEDED,
  OfficeErrorType.ZIP_SIZE_LIMIT_EXCEEDED,
])

/** The slides of a presentation, read from an archive made of counted bytes only. */
export async function readSlides(
  archive: Archive,
  limits: ParseLimits,
): Promise<readonly OfficeContentNode[]> {
  const ast = await parseOrExplain(await repack(archive, isXmlPart), limits)
  if (ast.warnings.some((warning) => CUT_SHORT.has(warning.code))) throw tooComplex(limits)
  return ast.content.filter((node) => node.type === 'slide')
}

async function parseOrExplain(bytes: Uint8Array, limits: ParseLimits): Promise<OfficeParserAST> {
  try {
    return await parseOffice(bytes, {
      fileType: 'pptx',
      ignoreSlideMasters: true,
      ignoreComments: true,
      decompressionLimits: { maxUncompressedBytes: limits.maxExpandedBytes, maxZipEntries: 20_000 },
    })
  } catch (error) {
    if (OVER_LIMIT.has(issueCode(error))) throw tooComplex(limits)
    throw error
  }
}

function issueCode(error: unknown): string {
  const issue: unknown = error instanceof Error && 'officeIssue' in error ? error.officeIssue : null
  return typeof issue === 'object' && issue !== null && 'code' in issue ? String(issue.code) : ''
}

function tooComplex(limits: ParseLimits): Error {
  return parseFailure(
    'file_too_large',
    `The file holds more elements than can be read safely (${readableBytes(limits.maxExpandedBytes)} expanded at most). Split it.`,
  )
}
