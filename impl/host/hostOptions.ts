/** The options of a host, and its parts. */
import type { FlowIdSource } from './flows/flowIds.ts'
import type { Limits } from './limits.ts'
import type { RandomSource } from './random/random.ts'

export interface HostOptions {
  readonly random: RandomSource
  /** Default: a secret permutation. */
  readonly flowIds?: FlowIdSource
  /** The longest packet that its link carries, in bytes. */
  readonly packetBytes: number
  readonly limits?: Partial<Limits>
  /** From which its reset tokens follow: this host's alone, and the same after a restart. Default: a random one. */
  readonly secret?: Uint8Array | undefined
  /** The capabilities that its flows offer (spec/machines/flow/capabilities.ts). Default: all. 0 makes it a prototype. */
  readonly offers?: number
  /** Whether it is a router: forwards first packets whose service is elsewhere. */
  readonly forwards?: boolean
  /** Whether it is a relay: a router that carries flows between hosts that are connected to it. */
  readonly carries?: boolean
}

/** A part of a host with timeouts of its own. */
export interface Timed {
  nextTimeout(): number
  poll(now: number): void
}
