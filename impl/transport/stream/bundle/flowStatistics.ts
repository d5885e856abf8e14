/** The statistics of a stream with several flows: of each flow, and of all together. */
import { type StreamStatistics, statisticsOf } from '../statistics.ts'
import type { Bundle } from './bundle.ts'
import type { Subflow } from './subflow.ts'

/** What one flow counts, and its state. Bytes are those of the flow: data that two flows sent counts in both. */
export interface FlowStatistics extends StreamStatistics {
  /** Carries data only while no other flow can. */
  readonly isBackup: boolean
  /** Its handshake is over, and its path is in use. */
  readonly isOpen: boolean
  /** Its path may be dead: other flows send what is in flight here. */
  readonly isStalled: boolean
  /** Bits per second that the peer has acknowledged in this flow of late. */
  readonly goodput: number
}

export const flowStatisticsOf = (flow: Subflow, nowMs: number): FlowStatistics => ({
  ...statisticsOf(flow.exchange),
  isBackup: flow.isBackup,
  isOpen: flow.isOpen,
  isStalled: flow.isSilent,
  goodput: flow.goodput.at(nowMs),
})

/** Adds up the flows. Round trip and timeout are those of the fastest, bytes and windows those of the data. */
export function sumOf({ flows, gone, source, inbound }: Bundle): StreamStatistics {
  const all = [...gone, ...flows.map(({ exchange }) => statisticsOf(exchange))]
  const sum: Record<string, number> = {}
  for (const one of all)
    for (const [name, value] of Object.entries(one)) sum[name] = (sum[name] ?? 0) + (value as number)
  const [fastest] = flows
    .map(({ exchange }) => exchange.outbound.roundTrip)
    .sort((a, b) => order(a.smoothedMs) - order(b.smoothedMs))
  return {
    ...(sum as unknown as StreamStatistics),
    bytesSent: Math.min(source.next, source.buffer.end) - 1,
    bytesReceived: inbound.buffer.next - 1,
    roundTripMs: fastest?.smoothedMs ?? -1,
    leastRoundTripMs: fastest?.leastMs ?? Number.POSITIVE_INFINITY,
    timeoutMs: fastest?.timeoutMs ?? 0,
    peerWindow: Math.max(0, source.edge - source.una),
    receiveWindow: inbound.window.limit,
  }
}

const order = (roundTripMs: number): number => (roundTripMs < 0 ? Number.POSITIVE_INFINITY : roundTripMs)
