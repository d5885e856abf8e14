/** Describes the flows of a connection, for `socket.flows`. */
import type { Flow } from '../host/flows/flow.ts'
import { printAddress } from '../link/address.ts'
import type { Stream } from '../transport/stream/stream.ts'
import type { Handle } from './handle.ts'
import { measuredOf, type PathInfo, pathOf } from './pathInfo.ts'

/** A flow and its path. */
export interface FlowPlace {
  /** The flowID at this end. */
  readonly flow: number
  /** Addresses such as `127.0.0.1:54325`. */
  readonly local: string
  readonly remote: string
}

/** One flow of a connection, and its path. */
export interface FlowInfo extends FlowPlace, PathInfo {
  /** Carries data of this end only while no other flow can. */
  readonly isBackup: boolean
  /** Bytes. */
  readonly congestionWindow: number
  readonly inFlight: number
}

/** Of a flow that is over, returns the last path of its data. */
export const placeOf = ({ id, local, peer, from, to }: Flow): FlowPlace => ({
  flow: id,
  local: printAddress(local || from),
  remote: printAddress(peer || to),
})

/** Returns the flows of a connection, those with a handshake in progress last. */
export function flowsOf({ flow, set, isOver, transport, driver }: Handle<Stream>): readonly FlowInfo[] {
  if (isOver) return []
  const flows = set === undefined ? [flow] : [...set.flows, ...set.joining]
  return flows.map(one => {
    const measured = measuredOf(one, transport)
    const { congestionWindow, inFlight, isBackup = false } = measured
    return {
      ...placeOf(one),
      ...pathOf(one, measured, driver.now()),
      ...{ isBackup, congestionWindow, inFlight },
    }
  })
}
