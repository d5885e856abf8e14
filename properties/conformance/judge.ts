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
  /** `incomplete`: nothing contradicts the specification, but not everything could be judged. */
  readonly verdict: 'holds' | 'violated' | 'incomplete'
  readonly packets: number
  /** Flows whose beginning was seen. */
  readonly flows: number
  /** Packets of flows whose beginning was not, or that could be followed no further. */
  readonly unjudged: number
  /** What the host dropped unread: no packets of the format, checksums that are wrong, datagrams without a connection. */
  readonly ignored: number
  readonly contradiction?: Contradiction
}

/** SYNs that flows may be made from, and packets to flows that nobody has: the latest are kept. */
const MOST_REMEMBERED = 4096

/** Between the copies of a SYN that a host takes before it has answered the first. Repeated ones are 1 s apart. */
const AT_ONCE_MS = 100

export class Judge {
  readonly #nonces = new Nonces()
  readonly #ends = new Map<number, End>()
  #syns: Seen[] = []
  #strangers: Seen[] = []
  #packets = 0
  #flows = 0
  #unjudged = 0
  #ignored = 0
  #timeMs = 0
  #contradiction: Contradiction | undefined

  /** The next packet of the capture. After the first contradiction nothing more is looked at. */
  see(observed: Observed): void {
    if (this.#contradiction) return
    const packet = read(observed, ++this.#packets, this.#nonces)
    if (packet === undefined) {
      this.#ignored++
      return
    }
    this.#timeMs = Math.max(this.#timeMs, packet.timeMs)
    this.#contradiction = observed.direction === 'in' ? this.#receive(packet) : this.#send(packet)
  }

  judgement(): Judgement {
    for (const end of this.#ends.values()) {
      if (this.#contradiction) break
      if (!end.isLost) this.#contradiction = end.finish(this.#timeMs)
    }
    const contradiction = this.#contradiction
    return {
      verdict: contradiction ? 'violated' : this.#unjudged > 0 ? 'incomplete' : 'holds',
      packets: this.#packets,
      flows: this.#flows,
      unjudged: this.#unjudged,
      ignored: this.#ignored,
      ...(contradiction ? { contradiction } : {}),
    }
  }

  #receive(packet: Seen): Contradiction | undefined {
    if (packet.kind === SYN) return this.#receiveSyn(packet)
    const end = this.#ends.get(packet.dstFlow)
    if (end === undefined) this.#strangers = [...this.#strangers.slice(-MOST_REMEMBERED), packet]
    return end && !end.isLost ? end.receive(packet) : undefined
  }

  #receiveSyn(packet: Seen): Contradiction | undefined {
    this.#syns = [...this.#syns.slice(-MOST_REMEMBERED), packet]
    this.#strangers = [...this.#strangers.slice(-MOST_REMEMBERED), packet]
    const key = synKeyOf(packet)
    for (const end of this.#ends.values())
      if (end.synKey === key && !end.isGone && !end.isLost) {
        const contradiction = end.receive(packet)
        if (contradiction) return contradiction
      }
    return undefined
  }

  #send(packet: Seen): Contradiction | undefined {
    const end = this.#ends.get(packet.srcFlow)
    if (packet.kind === SYN && (end === undefined || end.isGone)) return this.#open(packet)
    if (packet.kind === SYNACK && (end === undefined || end.isGone)) return this.#admit(packet)
    if (packet.kind === RST && end === undefined) return this.#refuse(packet)
    if (end === undefined || end.isLost) {
      this.#unjudged++
      return undefined
    }
    return end.send(packet)
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
        to === packet.from &&
        srcFlow === packet.dstFlow &&
        next(verno, VERNO_SPACE) === packet.ackno,
    )
    const syn = syns.at(-1)
    if (syn === undefined) return { kind: 'unexplained', packet, considered: [] }
    const { srcFlow: flow, nonce, verno } = packet
    const { state, sent } = step(initial(), {
      type: 'ACCEPT',
      ...{ flow, nonce, verno, from: syn.from, to: syn.to },
      ...{ peerFlow: syn.srcFlow, peerNonce: syn.nonce, peerVerno: syn.verno },
    })
    const contradiction = this.#begin(packet, state, sent, synKeyOf(syn))
    if (contradiction) return contradiction
    // Of copies that came at once the first made the flow, and the others are answered by it.
    const copies = syns.filter(
      other => other.nonce === syn.nonce && other.timeMs >= packet.timeMs - AT_ONCE_MS,
    )
    const end = this.#ends.get(flow)!
    for (const copy of copies.slice(1)) end.receive(copy)
    return undefined
  }

  #begin(
    packet: Seen,
    state: Configuration['state'],
    sent: readonly Packet[],
    synKey: string,
  ): Contradiction | undefined {
    if (sent.length !== 1 || !matches(sent[0]!, packet))
      return { kind: 'unexplained', packet, considered: [] }
    this.#flows++
    this.#ends.set(packet.srcFlow, new End(packet.srcFlow, { state, taken: 0, owed: [] }, synKey))
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
    if (asked < 0) return { kind: 'unexplained', packet, considered: [] }
    // One answer for each.
    this.#strangers = this.#strangers.toSpliced(asked, 1)
    return undefined
  }
}

const synKeyOf = ({ from, srcFlow, nonce, verno }: Seen): string => `${from} ${srcFlow} ${nonce} ${verno}`
