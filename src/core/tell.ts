/**
 * Says how far a piece of work is: so much of so much, in whatever it goes through; never less than before.
 * Cheap enough to be called for every line. `pages` are those that a reader would count.
 */
export type Tell = (done: number, of: number, unit?: 'pages') => void

export const tellNobody: Tell = () => undefined
