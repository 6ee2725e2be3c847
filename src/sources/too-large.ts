/** As a reason. */
export const tooLarge = (limitBytes: number): string =>
  `It is larger than ${limitBytes.toLocaleString('en')} bytes, the most that the server takes of a file.`
