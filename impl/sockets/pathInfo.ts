/** Describes the path of a flow, for `socket.flows` and for commands. */
import { HEADER_BYTES } from '../../spec/wire/format.ts'
import { SEGMENT_BYTES } from '../../spec/wire/segment.ts'
import type { Flow } from '../host/flows/flow.ts'
import { SUSPICIOUS_TIMEOUTS } from '../host/paths/translation.ts'
import type { FlowStatistics } from '../transport/stream/bundle/flowStatistics.ts'
import type { StreamStatistics } from '../transport/stream/statistics.ts'
import type { Stream } from '../transport/stream/stream.ts'
import { HEADERS } from './mtu.ts'

/** Measurements of one flow's path. */
export interface PathInfo {
  /** `stalled`: nothing answers on the path, so other flows carry its data, or other paths are tried. */
  readonly state: 'opening' | 'open' | 'moving' | 'stalled'
  /** The smoothed round-trip time, ms; -1 before the first measurement. */
  readonly roundTripMs: number
  /** The longest IP packet that the path is known to carry, in bytes. */
  readonly mtu: number
  /** Bytes of this flow, each counted once, on all its paths so far. */
  readonly bytesSent: number
  readonly bytesReceived: number
  /** Bits per second that the peer has acknowledged of late; undefined while the connection never had a second flow. */
  readonly goodput: number | undefined
  /** Milliseconds since the last packet of the peer; undefined before the first. */
  readonly silentMs: number | undefined
}

/** Returns what the stream counts for one of its flows. */
export const measuredOf = (flow: Flow, stream: Stream): StreamStatistics & Partial<FlowStatistics> =>
  stream.flows.find(one => one.transport === flow.transport) ?? stream.statistics

export function pathOf(
  flow: Flow,
  measured: StreamStatistics & Partial<FlowStatistics>,
  nowMs: number,
): PathInfo {
  const { roundTripMs, segmentBytes, optionBytes, bytesSent, bytesReceived, goodput } = measured
  return {
    ...{ state: stateOf(flow, measured.isStalled === true), roundTripMs, bytesSent, bytesReceived, goodput },
    mtu: segmentBytes + optionBytes + SEGMENT_BYTES + HEADER_BYTES + HEADERS,
    silentMs: silenceOf(flow, nowMs),
  }
}

/** Returns the time since the last packet of the flow's peer, ms; undefined before the first. */
export const silenceOf = ({ heardAt }: Flow, nowMs: number): number | undefined =>
  Number.isNaN(heardAt) ? undefined : Math.max(0, nowMs - heardAt)

/** Returns the state of a flow's path. `isStalled`: what its transport says. */
export function stateOf(flow: Flow, isStalled: boolean): PathInfo['state'] {
  if (!flow.isLive) return 'opening'
  if (flow.isMoving) return 'moving'
  return isStalled || (flow.transport.timeouts ?? 0) >= SUSPICIOUS_TIMEOUTS ? 'stalled' : 'open'
}
