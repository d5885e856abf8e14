/** Stacked bars over time, as a file. */
import { must } from '../../checker/text/at.ts'
import { escapeMarkup } from '../../studio/markup.ts'
import type { Slots } from './timeline.ts'

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [760, 240, 64, 44, 56]
const TICKS = 6
const COLOURS = ['#0550ae', '#d97706', '#1a7f37', '#a3359c', '#0e8a94', '#8c5a2b']

const STYLE = `text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: bold }
.axis { stroke: #8c959f }`

/** `unit` is of the amounts, in a second. */
export function stackedSvg(title: string, unit: string, { series, slotMs }: Slots): string {
  const count = must(series[0]).amounts.length
  const totals = must(series[0]).amounts.map((_, slot) =>
    series.reduce((sum, one) => sum + must(one.amounts[slot]), 0),
  )
  const most = Math.max(...totals, 1e-9)
  const column = (WIDTH - LEFT - 24) / count
  const floor = TOP + HEIGHT
  const stacked = new Array<number>(count).fill(0)
  const drawn = series.map(({ amounts }, index) => {
    const rects = amounts.flatMap((amount, slot) => {
      if (amount === 0) return []
      stacked[slot] = must(stacked[slot]) + amount
      const y = floor - (must(stacked[slot]) / most) * HEIGHT
      return `<rect x="${px(LEFT + slot * column)}" y="${px(y)}" width="${px(column)}" height="${px((amount / most) * HEIGHT)}"/>`
    })
    return `<g fill="${COLOURS[index % COLOURS.length]}">\n${rects.join('\n')}\n</g>`
  })
  const perSecond = (most * 1000) / slotMs
  const height = floor + BOTTOM
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escapeMarkup(title)}</title>
<style>
${STYLE}
</style>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text class="title" x="${LEFT}" y="24">${escapeMarkup(title)}</text>
${drawn.join('\n')}
<path class="axis" fill="none" d="M${LEFT} ${TOP} V${floor} H${WIDTH - 24}"/>
<text x="${LEFT - 8}" y="${TOP + 10}" text-anchor="end">${perSecond.toFixed(perSecond < 100 ? 1 : 0)}</text>
<text x="${LEFT - 8}" y="${TOP + 26}" text-anchor="end">${escapeMarkup(unit)}</text>
${times(count * slotMs, column * count, floor + 18)}
${legend(
  series.map(({ name }) => name),
  floor + 44,
)}
</svg>
`
}

const times = (lengthMs: number, width: number, y: number): string =>
  Array.from({ length: TICKS }, (_, i) => {
    const share = i / (TICKS - 1)
    const seconds = ((lengthMs * share) / 1000).toFixed(1)
    return `<text x="${px(LEFT + width * share)}" y="${y}" text-anchor="middle">${seconds} s</text>`
  }).join('\n')

/** The approximate width of a character, px. */
const CHARACTER = 7

function legend(names: readonly string[], y: number): string {
  let x = LEFT
  return names
    .map((name, index) => {
      const at = x
      x += 36 + name.length * CHARACTER
      return `<rect x="${at}" y="${y - 10}" width="12" height="12" fill="${COLOURS[index % COLOURS.length]}"/>
<text x="${at + 18}" y="${y}">${escapeMarkup(name)}</text>`
    })
    .join('\n')
}

const px = (value: number): string => String(Math.round(value * 10) / 10)
