export interface PlottedSpans {
  readonly maxTokens: number
  readonly overlapTokens: number
  readonly bytes: number | null
  readonly recall: number
  readonly precision: number
}

interface Panel {
  readonly title: string
  readonly valueOf: (row: PlottedSpans) => number
}

const WIDTH = 420
const HEIGHT = 260
const MARGIN = { left: 56, right: 12, top: 34, bottom: 54 }
const COLOURS = ['#1f6feb', '#d29922', '#2da44e', '#8250df']
const PANELS: readonly Panel[] = [
  { title: 'Recall of the wanted characters', valueOf: ({ recall }) => recall },
  { title: 'Precision of the retrieved characters', valueOf: ({ precision }) => precision },
]

/** Two panels side by side, a line for each number of retrieved bytes; chunk sizes along the axis, `256+32` with overlap. */
export function plotSpans(rows: readonly PlottedSpans[]): string {
  const atBytes = rows.filter(({ bytes }) => bytes !== null)
  const budgets = [...new Set(atBytes.map(({ bytes }) => bytes))]
  const sizes = [...new Set(atBytes.map(nameOf))]
  const panels = PANELS.map((panel, at) => {
    const top = niceTop(Math.max(...atBytes.map(panel.valueOf)))
    const x = (place: number) =>
      MARGIN.left + ((place + 0.5) * (WIDTH - MARGIN.left - MARGIN.right)) / sizes.length
    const y = (value: number) =>
      HEIGHT - MARGIN.bottom - (value / top) * (HEIGHT - MARGIN.top - MARGIN.bottom)
    const lines = budgets.map((bytes, place) => {
      const points = sizes.flatMap((size, column) => {
        const row = atBytes.find((one) => one.bytes === bytes && nameOf(one) === size)
        return row === undefined ? [] : [{ x: x(column), y: y(panel.valueOf(row)) }]
      })
      return line(points, COLOURS[place % COLOURS.length] ?? 'black')
    })
    return `<g transform="translate(${at * WIDTH} 0)">
${text({ x: WIDTH / 2, y: 18, anchor: 'middle', weight: 'bold' }, panel.title)}
${[0, 0.25, 0.5, 0.75, 1].map((share) => grid(y(share * top), share * top)).join('\n')}
${sizes.map((size, column) => text({ x: x(column), y: HEIGHT - MARGIN.bottom + 16, anchor: 'middle' }, size)).join('\n')}
${text({ x: WIDTH / 2, y: HEIGHT - MARGIN.bottom + 34, anchor: 'middle' }, 'tokens of a chunk + overlap')}
${lines.join('\n')}
</g>`
  })
  const legend = budgets.map((bytes, place) => {
    const left = MARGIN.left + place * 170
    const colour = COLOURS[place % COLOURS.length] ?? 'black'
    return `<rect x="${left}" y="${HEIGHT - 8}" width="14" height="4" fill="${colour}"/>
${text({ x: left + 20, y: HEIGHT - 3 }, `${bytes?.toLocaleString('en')} bytes retrieved`)}`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * WIDTH} ${HEIGHT + 4}" role="img" aria-label="Recall and precision of retrieved passages by chunk size" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="white"/>
${panels.join('\n')}
${legend.join('\n')}
</svg>
`
}

function nameOf({ maxTokens, overlapTokens }: PlottedSpans): string {
  return overlapTokens === 0 ? String(maxTokens) : `${maxTokens}+${overlapTokens}`
}

function niceTop(value: number): number {
  return [0.02, 0.04, 0.08, 0.1, 0.2, 0.4, 0.6, 0.8].find((top) => top >= value) ?? 1
}

function grid(y: number, value: number): string {
  return `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#d0d7de"/>
${text({ x: MARGIN.left - 6, y: y + 4, anchor: 'end' }, `${(value * 100).toFixed(1)} %`)}`
}

function line(
  points: readonly { readonly x: number; readonly y: number }[],
  colour: string,
): string {
  const path = points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
  const dots = points.map(
    ({ x, y }) => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${colour}"/>`,
  )
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}`
}

function text(
  at: { x: number; y: number; anchor?: 'end' | 'middle'; weight?: 'bold' },
  content: string,
): string {
  const anchor = at.anchor === undefined ? '' : ` text-anchor="${at.anchor}"`
  const weight = at.weight === undefined ? '' : ` font-weight="${at.weight}"`
  return `<text x="${at.x.toFixed(1)}" y="${at.y.toFixed(1)}"${anchor}${weight} fill="#1f2328">${content}</text>`
}
