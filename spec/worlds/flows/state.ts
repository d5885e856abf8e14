/** Two ends of a connection. A flow is what its connection sees of it: at each end one of a few states, and the packets between. */
import { bits, startedAt, type View } from '../../../checker/lower/value.ts'
import type { StateOf } from '../../../checker/lower/worldSpec.ts'

/** How an end sees a flow. */
export const SEEN = {
  NONE: 0,
  /** SYN sent. */
  JOINING: 1,
  /** Answered, and not yet confirmed. */
  WAITING: 2,
  UP: 3,
  /** FIN sent. */
  SHUT: 4,
  /** The peer's FIN has come. */
  GOT: 5,
  /** Both, and the own FIN is not acknowledged. */
  LAST: 6,
  /** Closed. */
  GONE: 7,
  /** Reset, or given up. */
  DEAD: 8,
} as const

export const SENT = {
  SYN: 1,
  ANSWER: 2,
  PROOF: 3,
  FIN: 4,
  /** Acknowledges a FIN after the sender's own. */
  FINISHED: 5,
  RST: 6,
  DATA: 7,
  ADVERT: 8,
  ECHO: 9,
  /** Anything that a dead flow answers with a RST. */
  ASK: 10,
  /** The accepter has the proof: the flow is connected at its end too. */
  CONFIRM: 11,
} as const

export const SENT_NAMES = [
  ...['', 'SYN', 'SYNACK', 'ACK', 'FIN', 'FINACK', 'RST', 'DATA', 'ADVERT', 'ECHO', 'ASK', 'CONFIRM'],
] as const

/** The first flow, and one that each end may add. */
export const FLOWS = [0, 1, 2]
/** The flow that the opener adds. */
export const OWN = 1
export const ENDS_OF = [0, 1]

/** The circle of versions. */
export const VERSIONS = 8

export const bit = (f: number): number => 1 << f

const endShape = (opener: number) => ({
  ...{ opener, space: VERSIONS },
  flows: bits(2),
  pending: bits(3),
  live: startedAt(3, 1),
  confirmed: opener === 1 ? startedAt(3, 1) : bits(3),
  unwanted: bits(3),
  wished: bits(3),
  backups: bits(3),
  spared: bits(3),
  finished: bits(1),
  heard: bits(1),
  version: bits(3),
  owed: bits(1),
  peerVersion: bits(3),
  /** How it sees each flow. */
  sees: FLOWS.map(f => (f === 0 ? bits(4, SEEN.UP) : bits(4))),
  /** Its addresses, and those of the peer as it knows them: they only change and are compared. */
  place: bits(1),
  knows: bits(1),
  removed: bits(1),
})

export interface FlowsBounds {
  readonly capacity: number
  readonly loss: number
  readonly duplication: number
  readonly reordering: number
  readonly adds: number
  readonly removes: number
  readonly keeps: number
  readonly marks: number
  readonly changes: number
  readonly closes: number
  readonly aborts: number
  readonly deaths: number
  readonly moves: number
  readonly data: number
  readonly forges: number
}

export const shapeOf = (o: FlowsBounds) => ({
  ...{ loss: o.loss, duplication: o.duplication, ordered: 1 - o.reordering },
  mayAdd: o.adds,
  mayRemove: o.removes,
  mayKeep: o.keeps,
  mayMark: o.marks,
  mayChange: o.changes,
  mayClose: o.closes,
  mayAbort: o.aborts,
  mayDie: o.deaths,
  mayMove: o.moves,
  mayForge: o.forges,
  hasData: o.data,
  end: [endShape(1), endShape(0)],
  /** Paths that are dead. */
  dead: bits(3),
  /** Of the path that has died: 1 if its flow was up, and another one too; 2 if only its flow was. */
  cut: bits(2),
  /** The ends that have closed, and whether one has aborted. */
  closed: bits(2),
  aborted: bits(1),
  /** Of the one datum of the opener: the flow that carries it, plus 1. 0: none. */
  carrier: bits(2),
  delivered: bits(1),
  net: Array.from({ length: o.capacity }, () => bits(21)),
})

export const DID = [
  ...['end', 'event', 'kind', 'flow', 'proves', 'version'],
  ...[
    'joined',
    'welcomed',
    'again',
    'rejected',
    'used',
    'leaving',
    'closing',
    'aborting',
    'probing',
    'asked',
    'confirmed',
  ],
  ...['advertising', 'adopting', 'heeding', 'echoing', 'over'],
] as const

/** Events of applications and timers, for the invariants. */
export const ACTED = { REMOVE: 1, ABORT: 2, SEND: 3 } as const

export type FlowsWorld = View<ReturnType<typeof shapeOf>> & { did: Record<(typeof DID)[number], number> }
export type FlowsState = StateOf<FlowsWorld>
export type End = FlowsWorld['end'][number]

/**
 * A packet: kind, flow, receiver, version, what the sender wants to end, its place, and whether its proof is right. `wishes` of a FIN
 * is 1 if the sender has closed; otherwise it ends only this flow. `backups`: of a SYN whether its flow is one, of an advertisement
 * a set of flows. `named`: the flows that the sender of an advertisement has.
 */
export interface FlowsPacket {
  readonly kind: number
  readonly flow: number
  readonly to: number
  readonly version: number
  readonly wishes: number
  readonly place: number
  readonly proves: number
  readonly backups: number
  readonly named: number
}

export const pack = (p: FlowsPacket): number =>
  p.kind |
  (p.flow << 4) |
  (p.to << 6) |
  (p.version << 7) |
  (p.wishes << 10) |
  (p.place << 13) |
  (p.proves << 14) |
  (p.backups << 15) |
  (p.named << 18)

export const unpack = (p: number): FlowsPacket => ({
  kind: p & 15,
  flow: (p >> 4) & 3,
  to: (p >> 6) & 1,
  version: (p >> 7) & 7,
  wishes: (p >> 10) & 7,
  place: (p >> 13) & 1,
  proves: (p >> 14) & 1,
  backups: (p >> 15) & 7,
  named: (p >> 18) & 7,
})

/** The flow is connected at this end, and not over. */
export const carries = (seen: number): boolean => seen >= SEEN.UP && seen <= SEEN.LAST
