/**
 * Judges a capture of one host's traffic by the specification. For each flow that begins in it, all states are followed
 * in which its machine may be. A packet that comes in is an event; one that goes out has to be what some event makes the
 * machine send: a packet that came, or an act that nobody sees, such as a timer, a move, a close. The host may be restarted.
 */

import { at, must } from '../../checker/text/at.ts'
import { type Packet, RST, SYN, SYNACK } from '../../spec/machines/flow/packets.ts'
import { VERNO_SPACE } from '../../spec/machines/flow/registers.ts'
import { next } from '../../spec/machines/flow/serial.ts'
import { openedBy } from '../../spec/machines/listener/handshakes.ts'
import { type Accept, type Configuration, initial, matches, step } from './configuration.ts'
import { ConnectionJudge } from './connectionJudge.ts'
import { type Contradiction, ObservedEnd } from './end.ts'
import type { Judgement, JudgeOptions, PacketCounts } from './judgement.ts'
import { earliestRestart, explains, Known, type Moment, type Span } from './memory.ts'
import { Nonces, type Observed, read, type Seen } from './observed.ts'
import { Relays } from './relays.ts'
import { answersOf, isAnswer, remember, Strangers, showsOwn } from './strangers.ts'
import { Tokens } from './tokens.ts'

/** Between the copies of a SYN that a host takes before it has answered the first. Repeated ones are 1 s apart. */
const AT_ONCE_MS = 100

/** The longest time that RESPOND lasts, ms, and the number of SYNs that are kept for it. */
const RESPOND_MS = 10_000
const MOST_BUSY = 64

/** The destination of a SYN to a broadcast address. */
const ANY = 0

/** A host that is not asked more often in a second answers each stranger. */
const STRANGERS_ANSWERED = 50
const SECOND_MS = 1000

/** A contradiction that a restart would explain, once the host is seen to be there again. */
interface Suspended {
  readonly contradiction: Contradiction
  readonly restart: Moment
  readonly packets: PacketCounts
}

interface Forgotten extends Span {
  /** The contradiction that the restart explains. */
  readonly blame: Contradiction
}

export class Judge {
  readonly #isRunning: boolean
  readonly #nonces = new Nonces()
  readonly #relays = new Relays()
  readonly #flows = new Map<number, Known>()
  readonly #bySyn = new Map<string, Known>()
  /** Flows that a restart has ended. */
  readonly #forgotten = new Map<number, Forgotten>()
  readonly #syns: Seen[] = []
  readonly #strangers = new Strangers()
  readonly #tokens = new Tokens()
  readonly #connectionJudge = new ConnectionJudge()
  /** When the latest packets came, in a ring. */
  readonly #cameMs = new Float64Array(STRANGERS_ANSWERED).fill(-Infinity)
  #packets: PacketCounts = {
    ...{ explained: 0, taken: 0, strange: 0, begunBefore: 0 },
    ...{ uncertain: 0, unconnected: 0, forwarded: 0, unreadable: 0 },
  }
  #seen = 0
  #came = 0
  #begun = 0
  #restarts = 0
  /** The latest restart follows the packet with this number. */
  #restartedAfter = 0
  /** The time of the latest packet, ms. */
  #timeMs = 0
  #suspended: Suspended | undefined
  #contradiction: Contradiction | undefined
  /** When the host was last heard. */
  #spoke: Moment = { number: 0, timeMs: 0 }

  constructor({ isRunning = false }: JudgeOptions = {}) {
    this.#isRunning = isRunning
  }

  /** The next packet of the capture. After the first contradiction nothing more is looked at. */
  see(observed: Observed): void {
    if (this.#contradiction) return
    const isIn = observed.direction === 'in'
    this.#relays.see(observed)
    const packet = read(observed, this.#nonces, {
      number: ++this.#seen,
      isOneOfMany: isIn && this.#isOneOfMany(observed.timeMs),
      believes: from => this.#relays.believes(from),
    })
    if (!isIn) this.#spoke = { number: this.#seen, timeMs: observed.timeMs }
    if (typeof packet === 'string') {
      this.#packets[packet]++
      return
    }
    this.#contradiction = isIn ? this.#receive(packet) : this.#send(packet)
    this.#timeMs = Math.max(this.#timeMs, packet.timeMs)
  }

  /** Returns the judgment of the packets so far, as if none followed. */
  judgement(): Judgement {
    const all = this.#contradiction ? [this.#contradiction] : this.#missing()
    const [first] = all.toSorted((a, b) => a.packet.number - b.packet.number)
    // Nothing counts that was looked at after it.
    const isSuspended = first !== undefined && first === this.#suspended?.contradiction
    const packets = { ...(isSuspended ? must(this.#suspended).packets : this.#packets) }
    const isSilence = first !== undefined && !this.#isRunning && explains(this.#spoke, first)
    const isWhole = packets.begunBefore + packets.uncertain === 0 && !isSilence
    return {
      verdict: first && !isSilence ? 'violated' : isWhole ? 'holds' : 'incomplete',
      ...{ flows: this.#begun, restarts: this.#restarts, packets },
      ...(first ? { [isSilence ? 'silence' : 'contradiction']: first } : {}),
    }
  }

  /** Answers that are missing at the end, and that no restart explains of which there is a sign. */
  #missing(): Contradiction[] {
    if (this.#suspended) return [this.#suspended.contradiction]
    return [...this.#flows.values()].flatMap(({ end, spoke }) => {
      const contradiction = end.isLost ? undefined : end.settle(this.#timeMs)
      if (contradiction === undefined) return []
      const restart = earliestRestart(this.#flows.values(), spoke)
      return explains(restart, contradiction) && this.#isSeenAfter(restart) ? [] : [contradiction]
    })
  }

  #isOneOfMany(timeMs: number): boolean {
    const place = this.#came++ % STRANGERS_ANSWERED
    const isMany = timeMs - at(this.#cameMs, place) < SECOND_MS
    this.#cameMs[place] = timeMs
    return isMany
  }

  #receive(packet: Seen): Contradiction | undefined {
    const known = packet.kind === SYN ? this.#flowOfSyn(packet) : this.#flows.get(packet.dstFlow)
    this.#packets[known === undefined && packet.kind !== SYN ? 'strange' : 'taken']++
    known?.remember(packet)
    this.#connectionJudge.receive(packet)
    if (known === undefined || packet.kind === SYN) this.#strangers.ask(packet)
    if (known === undefined || known.end.isLost || this.#suspended) return undefined
    const contradiction = known.end.receive(packet, this.#timeMs)
    return contradiction && this.#resolve(contradiction, known.spoke)
  }

  /** The flow that was made from this SYN. */
  #flowOfSyn(packet: Seen): Known | undefined {
    remember(this.#syns, packet)
    const known = this.#bySyn.get(synKeyOf(packet))
    return known?.end.isGone ? undefined : known
  }

  #send(packet: Seen): Contradiction | undefined {
    const known = this.#flows.get(packet.srcFlow)
    const isUnknown = known === undefined && !this.#forgotten.has(packet.srcFlow) && packet.kind !== RST
    const begins = (packet.kind === SYN || packet.kind === SYNACK) && isUnknown
    if (this.#suspended) {
      const { restart, contradiction } = this.#suspended
      if (!begins && !this.#hasForgotten(packet, known)) return contradiction
      this.#restart(restart, contradiction)
    }
    const contradiction = this.#explain(packet, this.#flows.get(packet.srcFlow))
    if (contradiction) return contradiction
    if (!this.#connectionJudge.send(packet, this.#flows.has(packet.srcFlow)))
      return { kind: 'unexplained', packet, expected: [] }
    const after = this.#flows.get(packet.srcFlow)
    if (after !== undefined && !this.#tokens.tell(packet, after.begun))
      return { kind: 'unexplained', packet, expected: [] }
    if (after !== undefined && !this.#hasForgotten(packet, after)) after.spoke = packet
    this.#packets[isUnknown && !begins ? 'begunBefore' : after?.end.isLost ? 'uncertain' : 'explained']++
    return undefined
  }

  #explain(packet: Seen, known: Known | undefined): Contradiction | undefined {
    const isNew = known === undefined || known.end.isGone
    const blame = known === undefined ? this.#forgotten.get(packet.srcFlow)?.blame : undefined
    if (packet.kind === RST && known === undefined) {
      const asked = this.#strangers.answeredBy(packet)
      if (asked !== undefined) return showsOwn(asked) ? this.#checkToken(packet, asked) : undefined
      return blame ?? { kind: 'unexplained', packet, expected: [] }
    }
    if (blame) return blame
    if (packet.kind === SYN && isNew) return this.#open(packet)
    if (packet.kind === SYNACK && isNew) return this.#admit(packet)
    if (known === undefined || known.end.isLost) return undefined
    const contradiction = known.end.send(packet, this.#timeMs)
    if (contradiction === undefined || !this.#hasForgotten(packet, known)) return contradiction
    // If it has forgotten this flow, it has forgotten others too.
    this.#restart(earliestRestart(this.#flows.values(), known.spoke), contradiction)
    return this.#explain(packet, undefined)
  }

  /** Checks the token in a RST for a flow that the host does not have. Assumes a restart if the host shows another token. */
  #checkToken(packet: Seen, asked: Seen): Contradiction | undefined {
    const surprise = this.#tokens.answer(packet)
    if (surprise === undefined) return undefined
    const { token, since, isLost } = surprise
    if (since === undefined) return { kind: 'unexplained', packet, expected: [] }
    const spans = [
      ...this.#flows.values(),
      ...this.#forgotten.values(),
      ...(isLost ? this.#tokens.spans : []),
    ]
    const restart = earliestRestart(spans, since)
    if (this.#restartedAfter < restart.number)
      this.#restart(restart, { kind: 'unexplained', packet, expected: answersOf(asked, token) })
    if (isLost) this.#tokens.lose(restart)
    return undefined
  }

  /** Whether the host answers as one that has no such flow. */
  #hasForgotten(packet: Seen, known: Known | undefined): boolean {
    if (packet.kind !== RST) return false
    return known === undefined || known.recent.some(received => isAnswer(packet, received))
  }

  /** Unless a restart explains it; that there was one is believed when there is a sign of it. */
  #resolve(contradiction: Contradiction, since: Moment): Contradiction | undefined {
    const restart = earliestRestart(this.#flows.values(), since)
    if (!explains(restart, contradiction)) return contradiction
    if (this.#isSeenAfter(restart)) this.#restart(restart, contradiction)
    else this.#suspended = { contradiction, restart, packets: { ...this.#packets } }
    return undefined
  }

  /** Whether the host has begun something since then. */
  #isSeenAfter({ number }: Moment): boolean {
    for (const { begun } of this.#flows.values()) if (begun.number > number) return true
    return false
  }

  /** Forgets the flows from before the restart. */
  #restart({ number }: Moment, explained: Contradiction): void {
    for (const [id, known] of this.#flows) {
      if (known.begun.number > number) continue
      this.#flows.delete(id)
      if (this.#bySyn.get(known.end.synKey) === known) this.#bySyn.delete(known.end.synKey)
      this.#forgotten.set(id, { blame: explained, begun: known.begun, spoke: known.spoke })
      for (const packet of known.recent) this.#strangers.ask(packet)
    }
    this.#restarts++
    this.#restartedAfter = number
    this.#suspended = undefined
  }

  /** A client's flow begins. */
  #open(packet: Seen): Contradiction | undefined {
    const { srcFlow: flow, nonce, verno, from, to, capabilities } = packet
    const { state, sent } = step(initial(), {
      type: 'CONNECT',
      flow,
      nonce,
      verno,
      from,
      to,
      capabilities,
      joins: packet.joins,
    })
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
    const { srcFlow: flow, nonce, verno, capabilities } = packet
    const accept = {
      type: 'ACCEPT' as const,
      ...openedBy({ ...syn, to: packet.from }, flow, nonce, verno, syn.claimed, capabilities, syn.joins),
    }
    const { state, sent } = step(initial(), accept)
    const contradiction = this.#begin(
      packet,
      state,
      sent,
      synKeyOf(syn),
      this.#isBusy(syn) ? accept : undefined,
    )
    if (contradiction) return contradiction
    // Of copies that came at once the first made the flow, and the others are answered by it.
    const copies = syns.filter(
      other => other.nonce === syn.nonce && other.timeMs >= packet.timeMs - AT_ONCE_MS,
    )
    const { end } = must(this.#flows.get(flow))
    for (const copy of copies.slice(1)) end.receive(copy, this.#timeMs)
    return undefined
  }

  /** Whether another handshake may be in progress: then a listener may keep nothing of this one. */
  #isBusy(syn: Seen): boolean {
    const key = synKeyOf(syn)
    return this.#syns.slice(-MOST_BUSY).some(other => {
      return other.timeMs > syn.timeMs - RESPOND_MS && synKeyOf(other) !== key
    })
  }

  #begin(
    packet: Seen,
    state: Configuration['state'],
    sent: readonly Packet[],
    synKey: string,
    answer?: Accept,
  ): Contradiction | undefined {
    if (sent.length !== 1 || !matches(at(sent, 0), packet))
      return { kind: 'unexplained', packet, expected: sent }
    this.#begun++
    const ways: Configuration[] = [{ state, taken: 0, owed: [] }]
    // Perhaps the listener kept nothing, and the flow does not exist yet.
    if (answer !== undefined) ways.push({ state: initial(), taken: 0, owed: [], answer })
    const known = new Known(new ObservedEnd(ways, synKey), packet)
    this.#flows.set(packet.srcFlow, known)
    if (synKey !== '') this.#bySyn.set(synKey, known)
    return undefined
  }
}

const synKeyOf = ({ from, srcFlow, nonce, verno }: Seen): string => `${from} ${srcFlow} ${nonce} ${verno}`
