import type { ResponseObject } from '../../../contract/response.ts'
import type { Journal } from './journal.ts'

/** As it is stored: with how it was written, where it may be told again. */
export interface KeptResponse extends ResponseObject {
  readonly journal?: Journal
}
