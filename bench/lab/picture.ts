/** Draws a run of the lab as SVG: bytes over time, with the fault and what followed. */
import { must } from '../../checker/text/at.ts'
import type { Result } from './run.ts'

const [WIDTH, HEIGHT] = [720, 260]
const [LEFT, RIGHT, TOP, BOTTOM] = [60, 20, 40, 40]
/** Labels of events that are closer than this would cover each other, in pixels. */
const LINE_HEIGHT = 14
/** Further right a label would leave the picture. */
const LATE = WIDTH - 120
const INK = '#1f2933'
const CURVE = '#2563eb'
const FAULT = '#b91c1c'
const EVENT = '#6b7280'

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const text = (x: number, y: number, content: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(content)}</text>`

/** Returns a step that gives about five round marks up to `most`. */
function stepOf(most: number): number {
  const rough = most / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  return must([1, 2, 5, 10].map(factor => factor * power).find(step => step >= rough))
}

/** Returns the picture. The same result gives the same text. */
export function picture({ scenario, samples, events, faultMs, gapMs, isWhole }: Result): string {
  const untilMs = Math.max(...samples.map(({ t }) => t), ...events.map(({ t }) => t))
  const most = Math.max(...samples.map(({ bytes }) => bytes))
  const x = (t: number): number => LEFT + (t / untilMs) * (WIDTH - LEFT - RIGHT)
  const y = (bytes: number): number => HEIGHT - BOTTOM - (bytes / most) * (HEIGHT - TOP - BOTTOM)
  const axes: string[] = []
  const seconds = stepOf(untilMs / 1000)
  for (let s = 0; s <= untilMs / 1000; s += seconds)
    axes.push(text(x(s * 1000), HEIGHT - BOTTOM + 18, `${s} s`, 'text-anchor="middle"'))
  const megabytes = stepOf(most / 1e6)
  for (let m = 0; m <= most / 1e6; m += megabytes)
    axes.push(text(LEFT - 8, y(m * 1e6) + 4, `${m} MB`, 'text-anchor="end"'))
  // Steps, not slopes: between two samples nothing arrived.
  const curve = samples.map(
    ({ t, bytes }, i) =>
      `${i === 0 ? 'M' : 'H'}${x(t).toFixed(1)}${i === 0 ? ' ' : 'V'}${y(bytes).toFixed(1)}`,
  )
  const marks = events.map(({ t, event }, i) => {
    const colour = event === 'fault' ? FAULT : EVENT
    const line = `<path d="M${x(t).toFixed(1)} ${TOP}V${HEIGHT - BOTTOM}" stroke="${colour}" stroke-dasharray="4 3"/>`
    const isLate = x(t) > LATE
    const label = `fill="${colour}" text-anchor="${isLate ? 'end' : 'start'}"`
    return line + text(x(t) + (isLate ? -4 : 4), TOP + LINE_HEIGHT * (1 + (i % 8)), event, label)
  })
  const verdict = `longest gap ${gapMs} ms; ${isWhole ? 'nothing lost' : 'the connection ended'}`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="${INK}">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(LEFT, 18, scenario.fault, 'font-weight="bold"'),
    text(LEFT, 33, verdict),
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="${INK}"/>`,
    ...axes,
    `<rect x="${x(faultMs).toFixed(1)}" y="${TOP}" width="${(x(Math.min(untilMs, faultMs + gapMs)) - x(faultMs)).toFixed(1)}" height="${HEIGHT - TOP - BOTTOM}" fill="#fee2e2"/>`,
    ...marks,
    `<path d="${curve.join('')}" fill="none" stroke="${CURVE}" stroke-width="2"/>`,
    '</svg>',
    '',
  ].join('\n')
}
