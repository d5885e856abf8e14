/** What the samples of a download say. */
import type { Sample } from '../chart.ts'

/** Returns the rate between two times, in Mb/s. */
export function rateOf(samples: readonly Sample[], fromMs = 0, toMs = Number.POSITIVE_INFINITY): number {
  const within = samples.filter(({ t }) => t >= fromMs && t <= toMs)
  const [first, last] = [within.at(0), within.at(-1)]
  if (first === undefined || last === undefined || last.t === first.t) return 0
  return (8 * (last.bytes - first.bytes)) / (last.t - first.t) / 1000
}

/** Returns the longest time without a byte that ends after `afterMs`, counted from then on, in ms. */
export function gapAfter(samples: readonly Sample[], afterMs: number): number {
  let [last, longest] = [afterMs, 0]
  for (const { t } of samples) {
    if (t <= afterMs) continue
    longest = Math.max(longest, t - last)
    last = t
  }
  return longest
}

/** Returns the bytes that had arrived at a time. */
export function bytesAt(samples: readonly Sample[], ms: number): number {
  const next = samples.findIndex(({ t }) => t > ms)
  return (next < 0 ? samples.at(-1) : samples[next - 1])?.bytes ?? 0
}
