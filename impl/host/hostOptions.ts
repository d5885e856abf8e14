/** What a host is made with, and what may be put into it. */
import type { FlowIdSource } from './flows/flowIds.ts'
import type { Limits } from './limits.ts'
import type { RandomSource } from './random/random.ts'

export interface HostOptions {
  readonly random: RandomSource
  /** A secret permutation numbers flowIDs by default. */
  readonly flowIds?: FlowIdSource
  /** The longest packet that its link carries, in bytes. */
  readonly packetBytes: number
  readonly limits?: Partial<Limits>
  /** Whether it sends first packets on whose service is elsewhere: it is a router. */
  readonly forwards?: boolean
}

/** A part of a host that has a time of its own. */
export interface Timed {
  nextTimeout(): number
  poll(now: number): void
}
