/** One chunk that is all of it. */
export const wholeText = (text: string) => ({
  ordinal: 0,
  start: 0,
  end: Buffer.byteLength(text),
  text,
  context: '',
  headings: [],
  page: null,
  tokens: 3,
})
