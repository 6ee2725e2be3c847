/**
 * PostgreSQL knows these locks by numbers alone, for the whole database: whoever takes one has it from here, so that no two
 * of them wait for each other by accident. Every Ragstone takes the same.
 */
export const ADVISORY_LOCKS = {
  /** Two that start at once migrate one after the other. */
  migrations: 7_247_866,
  /** One of several servers seals at a time. */
  auditSeals: 7_247_867,
  /** Shared by whoever indexes, alone by what changes the spaces: `written_spaces()` names it, too. */
  writtenSpaces: 7_247_868,
  /** One of several servers delivers at a time. */
  auditOutbox: 7_247_869,
  /** Workers take turns. */
  jobClaims: 7_247_870,
  /** Of two that start at once over a new place of files, one is the first. */
  fileStore: 7_247_871,
} as const
