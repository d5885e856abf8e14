/** Draws a comparison: the bytes of every contender over time, and what happened to the network. */
import {
  BOTTOM,
  chart,
  curve,
  FAULT,
  HEIGHT,
  LINE_HEIGHT,
  mark,
  RIGHT,
  scaleTo,
  text,
  WIDTH,
} from '../chart.ts'
import type { Comparison, Download } from './compare.ts'

const COLOURS = ['#2563eb', '#d97706', '#059669', '#7c3aed', '#6b7280']
/** Further samples would not be seen. */
const LEAST_STEP_MS = 20

/** Returns the picture as SVG. */
export function comparisonPicture({ what, faults = [] }: Comparison, downloads: readonly Download[]): string {
  const lines = downloads.map(({ contender, samples }) => ({ contender, samples: thinned(samples) }))
  const all = lines.flatMap(({ samples }) => samples)
  const untilMs = Math.max(...all.map(({ t }) => t))
  const scale = scaleTo(untilMs, Math.max(...all.map(({ bytes }) => bytes)))
  const colourOf = (i: number): string => COLOURS[i % COLOURS.length] ?? FAULT
  const bottom = HEIGHT - BOTTOM - LINE_HEIGHT * lines.length
  return chart(what, 'bytes of each download over time', scale, [
    ...faults.map(({ afterMs, what: event }, i) => mark(afterMs, event, FAULT, i % 2, scale)),
    ...lines.map(({ samples }, i) => curve(samples, scale, colourOf(i))),
    ...lines.map(({ contender }, i) =>
      text(WIDTH - RIGHT, bottom + LINE_HEIGHT * i, contender, `fill="${colourOf(i)}" text-anchor="end"`),
    ),
  ])
}

function thinned(samples: Download['samples']): Download['samples'] {
  let lastMs = Number.NEGATIVE_INFINITY
  return samples.filter(({ t }, i) => {
    if (t - lastMs < LEAST_STEP_MS && i < samples.length - 1) return false
    lastMs = t
    return true
  })
}
