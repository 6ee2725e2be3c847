const HIDDEN = '[redacted]'

const SECRET_NAMES =
  'authorization|proxy-authorization|cookie|set-cookie|api[-_]?key|x-api-key|password|passwd|secret|client[-_]?secret|signing[-_]?secret|access[-_]?token|refresh[-_]?token'

/** A JSON member whose name says that its value is secret; its value a string, or a list of strings. */
const STRING = String.raw`"(?:[^"\\]|\\.)*"`
const SECRET_MEMBERS = new RegExp(
  String.raw`("(?:${SECRET_NAMES})"\s*:\s*)(?:${STRING}|\[(?:${STRING},?)*\])`,
  'gi',
)

/** The same in JSON that was itself put into a string. */
const QUOTED_MEMBERS = new RegExp(String.raw`(\\+"(?:${SECRET_NAMES})\\+"\s*:\s*\\+")[^"\\]*`, 'gi')

/** Secrets that are known by their look, wherever they stand. */
const SECRET_LOOKS: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer)\s+[\w.~+/=-]{6,}/gi, `$1 ${HIDDEN}`],
  [/\b(Basic)\s+(?=[\w+/]*[=\d])[\w+/=]{6,}/gi, `$1 ${HIDDEN}`],
  [/\b(rss?)_[\w-]{6,}/g, `$1_${HIDDEN}`],
  [/\beyJ[\w-]{6,}(\.[\w-]*)*/g, HIDDEN],
  [/\b(sk|gsk|pk|rk)[-_][\w-]{12,}/g, `$1-${HIDDEN}`],
  // Keys in a query string, and the password in an address.
  [/([?&](?:api[-_]?key|key|token|access_token|password)=)[^&\s"\\]+/gi, `$1${HIDDEN}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"\\]*:)[^\s/@"\\]+@/gi, `$1${HIDDEN}@`],
]

/** Takes secrets out of a line of JSON, and leaves it JSON. */
export function redact(line: string): string {
  let clean = line.replace(SECRET_MEMBERS, `$1"${HIDDEN}"`)
  clean = clean.replace(QUOTED_MEMBERS, `$1${HIDDEN}`)
  for (const [look, replacement] of SECRET_LOOKS) clean = clean.replace(look, replacement)
  return clean
}
