/** Of every command that reads the audit log. */
export const LOG_OPTION = [
  '--log <name>',
  '`server` for what belongs to no tenant; for operators',
] as const
