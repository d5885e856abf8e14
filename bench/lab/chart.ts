/** Parts of the lab's pictures: bytes over time, as SVG. The same input gives the same text. */

export const [WIDTH, HEIGHT] = [720, 260]
export const [LEFT, RIGHT, TOP, BOTTOM] = [60, 20, 40, 40]
export const LINE_HEIGHT = 14
/** Further right a label would leave the picture. */
const LATE = WIDTH - 120
const INK = '#1f2933'
export const FAULT = '#b91c1c'

export interface Sample {
  readonly t: number
  readonly bytes: number
}

/** Where times in ms and bytes are in the picture. */
export interface Scale {
  readonly untilMs: number
  readonly most: number
  x(t: number): number
  y(bytes: number): number
}

export function scaleTo(untilMs: number, most: number): Scale {
  return {
    untilMs,
    most,
    x: t => LEFT + (t / untilMs) * (WIDTH - LEFT - RIGHT),
    y: bytes => HEIGHT - BOTTOM - (bytes / most) * (HEIGHT - TOP - BOTTOM),
  }
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

export const text = (x: number, y: number, content: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(content)}</text>`

/** Returns a step that gives about five round marks up to `most`. */
function stepOf(most: number): number {
  const rough = most / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  return [1, 2, 5].map(factor => factor * power).find(step => step >= rough) ?? 10 * power
}

function axes({ untilMs, most, x, y }: Scale): string[] {
  const marks: string[] = []
  const seconds = stepOf(untilMs / 1000)
  for (let s = 0; s <= untilMs / 1000; s += seconds)
    marks.push(text(x(s * 1000), HEIGHT - BOTTOM + 18, `${s} s`, 'text-anchor="middle"'))
  const megabytes = stepOf(most / 1e6)
  for (let m = 0; m <= most / 1e6; m += megabytes)
    marks.push(text(LEFT - 8, y(m * 1e6) + 4, `${m} MB`, 'text-anchor="end"'))
  return marks
}

/** Returns the line of a download. It has steps, not slopes: between two samples nothing arrived. */
export function curve(samples: readonly Sample[], { x, y }: Scale, colour: string): string {
  const path = samples.map(
    ({ t, bytes }, i) =>
      `${i === 0 ? 'M' : 'H'}${x(t).toFixed(1)}${i === 0 ? ' ' : 'V'}${y(bytes).toFixed(1)}`,
  )
  return `<path d="${path.join('')}" fill="none" stroke="${colour}" stroke-width="2"/>`
}

/** Returns a vertical line with a label. `row`: labels that are close would cover each other. */
export function mark(t: number, label: string, colour: string, row: number, { x }: Scale): string {
  const line = `<path d="M${x(t).toFixed(1)} ${TOP}V${HEIGHT - BOTTOM}" stroke="${colour}" stroke-dasharray="4 3"/>`
  const isLate = x(t) > LATE
  const style = `fill="${colour}" text-anchor="${isLate ? 'end' : 'start'}"`
  return line + text(x(t) + (isLate ? -4 : 4), TOP + LINE_HEIGHT * (1 + (row % 8)), label, style)
}

/** Returns the picture with its title, a line below, its axes and `parts`. */
export function chart(title: string, below: string, scale: Scale, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="${INK}">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(LEFT, 18, title, 'font-weight="bold"'),
    text(LEFT, 33, below),
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="${INK}"/>`,
    ...axes(scale),
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}
