/** Describes the flows of a connection, for `socket.flows`. */
import type { Flow } from '../host/flows/flow.ts'
import { printAddress } from '../link/address.ts'
import type { DatagramTransport } from '../transport/datagram.ts'
import type { DatagramFlow } from '../transport/datagrams/flowStatistics.ts'
import type { Stream } from '../transport/stream/stream.ts'
import type { Handle } from './handle.ts'
import { measuredOf, type PathInfo, pathOf, silenceOf, stateOf } from './pathInfo.ts'

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

/** One flow of a connection of datagrams, and its path. Nothing is measured while the connection never had a second flow. */
export interface DatagramFlowInfo extends FlowPlace, Pick<PathInfo, 'state' | 'roundTripMs' | 'silentMs'> {
  /** Carries messages of this end only while no other flow can. */
  readonly isBackup: boolean
  /** Messages that left and arrived in this flow, duplicates included. */
  readonly messagesSent: number
  readonly messagesReceived: number
}

/** Of a flow that is over, returns the last path of its data. */
export const placeOf = ({ id, local, peer, from, to }: Flow): FlowPlace => ({
  flow: id,
  local: printAddress(local || from),
  remote: printAddress(peer || to),
})

/** Returns the flows of a connection, those with a handshake in progress last. */
const listed = ({ flow, set, isOver }: Pick<Handle, 'flow' | 'set' | 'isOver'>): readonly Flow[] =>
  isOver ? [] : set === undefined ? [flow] : [...set.flows, ...set.joining]

/** Describes the flows of a stream, those with a handshake in progress last. */
export const flowsOf = (handle: Handle<Stream>): readonly FlowInfo[] =>
  listed(handle).map(one => {
    const measured = measuredOf(one, handle.transport)
    const { congestionWindow, inFlight, isBackup = false } = measured
    return {
      ...placeOf(one),
      ...pathOf(one, measured, handle.driver.now()),
      ...{ isBackup, congestionWindow, inFlight },
    }
  })

/** Describes the flows of a connection of datagrams. */
export const datagramFlowsOf = (handle: Handle<DatagramTransport>): readonly DatagramFlowInfo[] =>
  listed(handle).map(one => {
    const { isBackup, isStalled, roundTripMs, sent, received } = carriedIn(one, handle.transport)
    return {
      ...placeOf(one),
      ...{ state: stateOf(one, isStalled), roundTripMs, isBackup },
      ...{ messagesSent: sent, messagesReceived: received },
      silentMs: silenceOf(one, handle.driver.now()),
    }
  })

/** Returns what a transport of datagrams counts for one of its flows. */
export function carriedIn(flow: Flow, whole: DatagramTransport): Omit<DatagramFlow, 'transport'> {
  const { flows, statistics } = whole
  const one = flows.find(({ transport }) => transport === flow.transport)
  return one ?? { ...statistics, isBackup: false, isStalled: false, roundTripMs: -1 }
}
