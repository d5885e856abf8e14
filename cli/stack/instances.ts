/** Returns the registrations of a controller as rows of a table. */
import type { Listed } from '../../impl/controller/index.ts'

const HEADING = ['SERVICE', 'ADDRESS', 'PRIORITY', 'WEIGHT', 'LEASE', 'FLOWS']

/** Returns the rest of a lease, or of the time for which an evicted instance is remembered: `29 s`, `45 min`, `24 h`. */
export function leaseText(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}

export const instanceRows = (listed: readonly Listed[]): string[][] => [
  HEADING,
  ...listed.map(({ service, address, priority, weight, leaseMs, flows, out, isFailing }) => [
    ...[service, address, String(priority), out ?? (isFailing ? `${weight} failing` : String(weight))],
    leaseText(leaseMs),
    flows === null ? '' : String(flows),
  ]),
]
