/** For tests: transfers in virtual time, and their speed. */
import type { StreamOptions } from '../options.ts'
import type { PathOptions } from './path.ts'
import { Pipe } from './pipe.ts'
import { exchange } from './transfer.ts'

export const MEGA = 1e6

export interface Outcome {
  readonly mbPerS: number
  readonly repeated: number
  readonly lost: number
  readonly timeouts: number
}

export function transfer(
  bytes: number,
  there: PathOptions,
  client: Partial<StreamOptions> = {},
  seed = 5,
): Outcome {
  const back = { latencyMs: there.latencyMs ?? 0 }
  const pipe = new Pipe({ seed, client: { mss: 1448, ...client }, there, back }).open()
  const elapsedMs = exchange(pipe, bytes, 0)
  const { segmentsRepeated, timeouts } = pipe.client.stream.statistics
  return {
    mbPerS: (bytes * 8) / elapsedMs / 1000,
    repeated: segmentsRepeated,
    lost: pipe.client.path.lost,
    timeouts,
  }
}
