/**
 * Judges a capture of one host's traffic by the specification. For each flow that begins in it, all states are followed
 * in which its machine may be. A packet that comes in is an event; one that goes out has to be what some event makes the
 * machine send: a packet that came, or an act that nobody sees, such as a timer, a move, a close.
 */
import { type Packet, RST, SYN, SYNACK } from '../../spec/flow/packets.ts'
import { VERNO_SPACE } from '../../spec/flow/registers.ts'
import { next } from '../../spec/flow/serial.ts'
import { CONNECTION } from '../../spec/flow/states.ts'
import { type Configuration, eventOf, initial, matches, step } from './configuration.ts'
import { type Contradiction, End } from './end.ts'
import { Nonces, type Observed, read, type Seen } from './observed.ts'

export interface Judgement {
  /** `incomplete`: nothing contradicts the specification, but not every packet that was sent could be judged. */
  readonly verdict: 'holds' | 'violated' | 'incomplete'
  /** Flows whose beginning was seen. */
  readonly flows: number
  /** What became of the packets. */
  readonly packets: PacketCounts
  readonly contradiction?: Contradiction
}

export interface PacketCounts {
  /** Sent, and what some event makes a host send. */
  explained: number
  /** Came for flows that are judged, or to begin one. */
  taken: number
  /** Came for flows whose beginning was not seen, or that nobody has. */
  strange: number
  /** Sent by flows whose beginning was not seen. */
  begunBefore: number
  /** Sent by flows that may stand in too many ways. */
  uncertain: number
  /** Datagrams without a connection, which no machine has a word for. */
  unconnected: number
  /** Of others' flows, sent on by a router or a rendezvous. */
  forwarded: number
  /** No packets of SAL, or with checksums that are wrong: a host drops them unread. */
  unreadable: number
}

/** SYNs that flows may be made from, and packets to flows that nobody has: at least the latest are kept. */
const MOST_REMEMBERED = 4096

/** Between the copies of a SYN that a host takes before it has answered the first. Repeated ones are 1 s apart. */
const AT_ONCE_MS = 100

/** The destination of a SYN to a broadcast address. */
const ANY = 0

/** A host that is not asked more often in a second answers each stranger. */
const STRANGERS_ANSWERED = 50
const SECOND_MS = 1000

export class Judge {
  readonly #nonces = new Nonces()
  readonly #ends = new Map<number, End>()
  readonly #bySyn = new Map<string, End>()
  readonly #syns: Seen[] = []
  readonly #strangers: Seen[] = []
  /** When the latest packets came, in a ring. */
  readonly #cameMs = new Float64Array(STRANGERS_ANSWERED).fill(-Infinity)
  readonly #packets: PacketCounts = {
    ...{ explained: 0, taken: 0, strange: 0, begunBefore: 0 },
    ...{ uncertain: 0, unconnected: 0, forwarded: 0, unreadable: 0 },
  }
  #seen = 0
  #came = 0
  #flows = 0
  /** Of the latest packet. */
  #timeMs = 0
  #contradiction: Contradiction | undefined

  /** The next packet of the capture. After the first contradiction nothing more is looked at. */
  see(observed: Observed): void {
    if (this.#contradiction) return
    const isIn = observed.direction === 'in'
    const packet = read(observed, ++this.#seen, this.#nonces, isIn && this.#isOneOfMany(observed.timeMs))
    if (typeof packet === 'string') {
      this.#packets[packet]++
      return
    }
    this.#contradiction = isIn ? this.#receive(packet) : this.#send(packet)
    this.#timeMs = Math.max(this.#timeMs, packet.timeMs)
  }

  /** What was seen so far, as if nothing came after it. */
  judgement(): Judgement {
    const late = [...this.#ends.values()].flatMap(end => {
      const contradiction = end.isLost ? undefined : end.settle(this.#timeMs)
      return contradiction ? [contradiction] : []
    })
    const all = this.#contradiction ? [this.#contradiction, ...late] : late
    const [first] = all.toSorted((a, b) => a.packet.number - b.packet.number)
    const packets = { ...this.#packets }
    const isWhole = packets.begunBefore + packets.uncertain === 0
    return {
      verdict: first ? 'violated' : isWhole ? 'holds' : 'incomplete',
      ...{ flows: this.#flows, packets },
      ...(first ? { contradiction: first } : {}),
    }
  }

  #isOneOfMany(timeMs: number): boolean {
    const place = this.#came++ % STRANGERS_ANSWERED
    const isMany = timeMs - this.#cameMs[place]! < SECOND_MS
    this.#cameMs[place] = timeMs
    return isMany
  }

  #receive(packet: Seen): Contradiction | undefined {
    const end = packet.kind === SYN ? this.#endOfSyn(packet) : this.#ends.get(packet.dstFlow)
    if (end === undefined || packet.kind === SYN) remember(this.#strangers, packet)
    this.#packets[end === undefined && packet.kind !== SYN ? 'strange' : 'taken']++
    return end && !end.isLost ? end.receive(packet, this.#timeMs) : undefined
  }

  /** The flow that was made from this SYN. */
  #endOfSyn(packet: Seen): End | undefined {
    remember(this.#syns, packet)
    const end = this.#bySyn.get(synKeyOf(packet))
    return end?.isGone ? undefined : end
  }

  #send(packet: Seen): Contradiction | undefined {
    const end = this.#ends.get(packet.srcFlow)
    const contradiction = this.#explain(packet, end)
    const isUnknown = end === undefined && !this.#ends.has(packet.srcFlow) && packet.kind !== RST
    if (contradiction) return contradiction
    this.#packets[isUnknown ? 'begunBefore' : end?.isLost ? 'uncertain' : 'explained']++
    return undefined
  }

  #explain(packet: Seen, end: End | undefined): Contradiction | undefined {
    const isNew = end === undefined || end.isGone
    if (packet.kind === SYN && isNew) return this.#open(packet)
    if (packet.kind === SYNACK && isNew) return this.#admit(packet)
    if (packet.kind === RST && end === undefined) return this.#refuse(packet)
    return end === undefined || end.isLost ? undefined : end.send(packet, this.#timeMs)
  }

  /** A client's flow begins. */
  #open(packet: Seen): Contradiction | undefined {
    const { srcFlow: flow, nonce, verno, from, to } = packet
    const { state, sent } = step(initial(), { type: 'CONNECT', flow, nonce, verno, from, to })
    return this.#begin(packet, state, sent, '')
  }

  /** A server's flow begins, with a SYN that has come. */
  #admit(packet: Seen): Contradiction | undefined {
    const syns = this.#syns.filter(
      ({ from, to, srcFlow, verno }) =>
        from === packet.to &&
        (to === packet.from || to === ANY) &&
        srcFlow === packet.dstFlow &&
        next(verno, VERNO_SPACE) === packet.ackno,
    )
    const syn = syns.at(-1)
    if (syn === undefined) return { kind: 'unexplained', packet, expected: [] }
    const { srcFlow: flow, nonce, verno } = packet
    const { state, sent } = step(initial(), {
      type: 'ACCEPT',
      ...{ flow, nonce, verno, from: syn.from, to: packet.from },
      ...{ peerFlow: syn.srcFlow, peerNonce: syn.nonce, peerVerno: syn.verno },
    })
    const contradiction = this.#begin(packet, state, sent, synKeyOf(syn))
    if (contradiction) return contradiction
    // Of copies that came at once the first made the flow, and the others are answered by it.
    const copies = syns.filter(
      other => other.nonce === syn.nonce && other.timeMs >= packet.timeMs - AT_ONCE_MS,
    )
    const end = this.#ends.get(flow)!
    for (const copy of copies.slice(1)) end.receive(copy, this.#timeMs)
    return undefined
  }

  #begin(
    packet: Seen,
    state: Configuration['state'],
    sent: readonly Packet[],
    synKey: string,
  ): Contradiction | undefined {
    if (sent.length !== 1 || !matches(sent[0]!, packet))
      return { kind: 'unexplained', packet, expected: sent }
    this.#flows++
    const end = new End({ state, taken: 0, owed: [] }, synKey)
    this.#ends.set(packet.srcFlow, end)
    if (synKey !== '') this.#bySyn.set(synKey, end)
    return undefined
  }

  /** For a flow that nobody has: only an answer to a packet that came is right. */
  #refuse(packet: Seen): Contradiction | undefined {
    const gone = {
      ...initial(),
      connection: CONNECTION.CLOSED,
      localFlow: packet.srcFlow,
      localNonce: packet.nonce,
    }
    const asked = this.#strangers.findLastIndex(
      received =>
        received.dstFlow === packet.srcFlow &&
        step(gone, eventOf(received)).sent.some(sent => matches(sent, packet)),
    )
    if (asked < 0) return { kind: 'unexplained', packet, expected: [] }
    // One answer for each.
    this.#strangers.splice(asked, 1)
    return undefined
  }
}

/** The latest, and sometimes twice as many: forgetting one each time would move all others. */
function remember(list: Seen[], packet: Seen): void {
  list.push(packet)
  if (list.length > 2 * MOST_REMEMBERED) list.splice(0, MOST_REMEMBERED)
}

const synKeyOf = ({ from, srcFlow, nonce, verno }: Seen): string => `${from} ${srcFlow} ${nonce} ${verno}`
