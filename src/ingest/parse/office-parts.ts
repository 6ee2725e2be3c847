/** The parts of an office file that hold words: neither pictures, nor fonts, nor films. */
export function isXmlPart(name: string): boolean {
  return /\.(?:xml|rels)$/i.test(name)
}
