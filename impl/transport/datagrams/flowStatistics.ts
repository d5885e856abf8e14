/** What one of several flows counts and measures. */
import type { Transport } from '../transport.ts'
import type { DatagramPath } from './path.ts'

/** A flow that carries datagrams, with its path. */
export interface DatagramFlow {
  readonly transport: Transport
  /** Carries messages only while no other flow can. */
  readonly isBackup: boolean
  /** Nothing has answered a question in time, so messages leave by other flows. */
  readonly isStalled: boolean
  /** The smoothed round-trip time, ms; -1 before the first measurement. */
  readonly roundTripMs: number
  /** Messages that left and arrived in this flow, duplicates included. */
  readonly sent: number
  readonly received: number
}

export const flowOf = ({
  transport,
  isBackup,
  isSilent,
  roundTrip,
  sent,
  received,
}: DatagramPath): DatagramFlow => ({
  ...{ transport, isBackup, isStalled: isSilent, roundTripMs: roundTrip.smoothedMs, sent, received },
})
