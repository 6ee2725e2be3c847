/** The document was removed or cancelled while it was worked on: nobody waits for it any longer. */
export class Withdrawn extends Error {
  override readonly name = 'Withdrawn'
}
