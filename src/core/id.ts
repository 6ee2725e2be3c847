import { randomBytes } from 'node:crypto'

/** The prefixes of OpenAI's ids, and ours for what it has no word for. */
export type IdPrefix =
  | 'chatcmpl-'
  | 'conv_'
  | 'emig_'
  | 'fc_'
  | 'fco_'
  | 'file-'
  | 'fs_'
  | 'fst_'
  | 'gq_'
  | 'inv_'
  | 'key_'
  | 'msg_'
  | 'req_'
  | 'resp_'
  | 'ses_'
  | 'src_'
  | 'sync_'
  | 'ten_'
  | 'user_'
  | 'vs_'
  | 'vsfb_'

/** An id that sorts by the millisecond of its making: prefix, 12 hex digits of time, 20 of chance. */
export function createId(prefix: IdPrefix): string {
  const time = Date.now().toString(16).padStart(12, '0')
  return `${prefix}${time}${randomBytes(10).toString('hex')}`
}
