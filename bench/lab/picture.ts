/** Draws a run of the lab: bytes over time, with the fault and what followed. */
import { BOTTOM, chart, curve, FAULT, HEIGHT, mark, scaleTo, TOP } from './chart.ts'
import type { Result } from './run.ts'

const CURVE = '#2563eb'
const EVENT = '#6b7280'

/** Returns the picture as SVG. */
export function picture({ scenario, samples, events, faultMs, gapMs, isWhole }: Result): string {
  const untilMs = Math.max(...samples.map(({ t }) => t), ...events.map(({ t }) => t))
  const scale = scaleTo(untilMs, Math.max(...samples.map(({ bytes }) => bytes)))
  const { x } = scale
  const gapWidth = x(Math.min(untilMs, faultMs + gapMs)) - x(faultMs)
  const verdict = `longest gap ${gapMs} ms; ${isWhole ? 'nothing lost' : 'the connection ended'}`
  return chart(scenario.fault, verdict, scale, [
    `<rect x="${x(faultMs).toFixed(1)}" y="${TOP}" width="${gapWidth.toFixed(1)}" height="${HEIGHT - TOP - BOTTOM}" fill="#fee2e2"/>`,
    ...events.map(({ t, event }, i) => mark(t, event, event === 'fault' ? FAULT : EVENT, i, scale)),
    curve(samples, scale, CURVE),
  ])
}
