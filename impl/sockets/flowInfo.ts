/** Describes the flows of a connection, for `socket.flows`. */
import type { Flow } from '../host/flows/flow.ts'
import { printAddress } from '../link/address.ts'
import type { Stream } from '../transport/stream/stream.ts'
import type { Connection } from './connection.ts'

/** A flow and its path. */
export interface FlowPlace {
  /** The flowID at this end. */
  readonly flow: number
  /** Addresses such as `127.0.0.1:54325`. */
  readonly local: string
  readonly remote: string
}

/** One flow of a connection. */
export interface FlowInfo extends FlowPlace {
  /** `stalled`: nothing answers on its path, so the other flows carry its data. */
  readonly state: 'opening' | 'open' | 'moving' | 'stalled'
  /** Carries data of this end only while no other flow can. */
  readonly isBackup: boolean
  /** Milliseconds; -1 before the first measurement. */
  readonly roundTripMs: number
  /** Bytes. */
  readonly congestionWindow: number
  readonly inFlight: number
  /** Bits per second that the peer has acknowledged of late; undefined while there was never a second flow. */
  readonly goodput: number | undefined
}

/** Of a flow that is over, returns the last path of its data. */
export const placeOf = ({ id, local, peer, from, to }: Flow): FlowPlace => ({
  flow: id,
  local: printAddress(local || from),
  remote: printAddress(peer || to),
})

/** Returns the flows of a connection, those with a handshake in progress last. */
export function flowsOf({ flow, set, isOver, transport }: Connection<Stream>): readonly FlowInfo[] {
  if (isOver) return []
  const measured = new Map(transport.flows.map(one => [one.transport, one]))
  const flows = set === undefined ? [flow] : [...set.flows, ...set.joining]
  return flows.map(one => {
    const { roundTripMs, congestionWindow, inFlight } = measured.get(one.transport) ?? transport.statistics
    const { isBackup = false, isStalled = false, goodput } = measured.get(one.transport) ?? {}
    return {
      ...placeOf(one),
      ...{ state: stateOf(one, isStalled), isBackup, roundTripMs, congestionWindow, inFlight, goodput },
    }
  })
}

function stateOf(flow: Flow, isStalled: boolean): FlowInfo['state'] {
  if (!flow.isLive) return 'opening'
  if (flow.isMoving) return 'moving'
  return isStalled ? 'stalled' : 'open'
}
