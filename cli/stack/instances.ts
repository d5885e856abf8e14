/** Returns the registrations of a controller as rows of a table. */
import type { Listed } from '../../impl/controller/index.ts'

const HEADING = ['SERVICE', 'ADDRESS', 'PRIORITY', 'WEIGHT', 'LEASE', 'FLOWS']

export const instanceRows = (listed: readonly Listed[]): string[][] => [
  HEADING,
  ...listed.map(({ service, address, priority, weight, leaseMs, flows, out, isFailing }) => [
    ...[service, address, String(priority), out ?? (isFailing ? `${weight} failing` : String(weight))],
    `${Math.round(leaseMs / 1000)} s`,
    flows === null ? '' : String(flows),
  ]),
]
