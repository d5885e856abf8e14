/** A connection with several flows, at one of its ends: its machine's state, its keys, and its flows by bit. */
import type { ConnectionState } from '../../../spec/machines/connection/compiled.ts'
import { ENDS } from '../../../spec/machines/connection/states.ts'
import { connectionStep } from '../../../spec/machines/connection/step.ts'
import { SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { JOIN_BACKUP, type Join, joinOf } from '../../../spec/wire/negotiation.ts'
import type { Address } from '../../link/link.ts'
import type { Transport } from '../../transport/transport.ts'
import type { Flow } from '../flows/flow.ts'
import type { Nonce } from '../flows/nonces.ts'
import { RateLimit } from '../paths/rateLimit.ts'
import { Keys, LABEL, NO_NONCE, sameMac } from './keys.ts'

/** Flows of one connection: a host has fewer networks, and a set of flows is a small number. */
export const MOST_FLOWS = 8

/**
 * Adverts of the peer that an end reads in each flow: addresses change less often, and a peer repeats one that was not read. A peer
 * that sends ever new ones would otherwise cost a MAC, an echo and a look at all flows for each. Somebody on the path of one flow
 * who sends old ones again cannot silence the others.
 */
const ADVERTS_PER_SECOND = 10
const ADVERTS_AT_ONCE = 20

/** SYNs that an end recognizes although their flow is over. A copy of an older one begins a handshake, which fails. */
const MOST_SPENT = 64

/** The owner of the flows of a connection, mostly a socket. */
export interface FlowsOwner {
  /** Returns a transport for a further flow of the connection; undefined if it takes none. */
  newTransport(): Transport | undefined
  /** A further flow is connected. */
  onFlow(flow: Flow): void
  /** The flow carries no data any more: what it has not delivered goes to the others. */
  onLeave(flow: Flow): void
  /** Data leaves on this flow only while no other works, or no longer so. */
  onBackup?(flow: Flow, isBackup: boolean): void
  /** The peer has advertised its addresses. */
  onAdvert?(): void
  /** The last flow has ended. `why` is one of ENDED in spec/machines/connection/reasons.ts. */
  onOver?(why: number): void
}

/** A flow's place in its connection. */
export interface Member {
  readonly flow: Flow
  /** 1: this end opened the flow. */
  readonly isJoiner: boolean
  /** The flow that the SYN names: the receiver's flowID in the connection. */
  readonly named: number
}

export class Connection {
  /** For this end's packets, and for the peer's. */
  readonly keys: Keys
  readonly peerKeys: Keys
  readonly owner: FlowsOwner
  readonly service: Uint8Array
  /** Registers, changed only by the machine's step. */
  readonly state: ConnectionState
  readonly #members: (Member | undefined)[]
  /** The peer's addresses, as it has advertised them. */
  peerAddresses: ReadonlySet<Address> = new Set()
  /** By place, because a flow that joins again must not get more. */
  readonly #adverts: RateLimit[] = []
  /** The flowIDs of the peer's SYNs whose flow has opened, oldest first. */
  readonly #spent: number[] = []
  /** The flowIDs of its flows that ended last. */
  readonly formerIds: number[] = []
  /** When to repeat an advertisement, ms, and how often it has been sent. */
  retryAt = Infinity
  sent = 0

  /** Begins with the connection's first flow, for which this end has told the key `own`. */
  constructor(first: Flow, isOpener: boolean, own: Nonce, owner: FlowsOwner) {
    this.keys = new Keys(own, first.peerKey)
    this.peerKeys = new Keys(first.peerKey, own)
    this.owner = owner
    this.service = first.service
    const opener = isOpener ? 1 : 0
    this.state = { ...connectionStep().initial(), opener, live: 1, confirmed: opener }
    this.#members = [{ flow: first, isJoiner: isOpener, named: 0 }]
  }

  get isOpen(): boolean {
    return this.state.flows === ENDS.OPEN
  }

  get isOver(): boolean {
    return this.state.flows === ENDS.OVER
  }

  /** The flows of the connection that have not ended. */
  get flows(): Flow[] {
    return this.members(-1).map(({ flow }) => flow)
  }

  /** Returns the members of a set of flows. */
  members(set: number): Member[] {
    return this.#members.filter((member, i) => member !== undefined && (set & (1 << i)) !== 0) as Member[]
  }

  member(flow: Flow): Member | undefined {
    return this.#members.find(member => member?.flow === flow)
  }

  /** Returns the bit of a flow; 0 if it does not belong here any more. */
  bitOf(flow: Flow): number {
    const index = this.#members.findIndex(member => member?.flow === flow)
    return index < 0 ? 0 : 1 << index
  }

  /** True if an advert or an echo in this flow may be read. */
  mayHear(flow: Flow, now: number): boolean {
    const index = this.#members.findIndex(member => member?.flow === flow)
    if (index < 0) return false
    this.#adverts[index] ??= new RateLimit(ADVERTS_PER_SECOND, ADVERTS_AT_ONCE)
    return (this.#adverts[index] as RateLimit).take(now)
  }

  /** Returns a bit for another flow; 0 if there are too many. */
  get freeBit(): number {
    for (let i = 0; i < MOST_FLOWS; i++) if (this.#members[i] === undefined) return 1 << i
    return 0
  }

  /** Puts a flow in the place of a free bit. */
  include(bit: number, member: Member): void {
    this.#members[31 - Math.clz32(bit)] = member
    member.flow.belongsTo = this
  }

  /** The flow has ended. */
  exclude(flow: Flow): void {
    const index = this.#members.findIndex(member => member?.flow === flow)
    if (index >= 0) this.#members[index] = undefined
  }

  /** Returns what a control packet of a flow that joins says of it. */
  joinOf(flow: Flow, kind: number): Join {
    const { isJoiner = false, named = 0 } = this.member(flow) ?? {}
    const flags = (this.state.backups & this.bitOf(flow)) !== 0 ? JOIN_BACKUP : 0
    return {
      flags,
      flow: kind === SYN ? named : 0,
      mac: this.keys.join(labelOf(kind), flags, endsOf(flow, isJoiner, kind === SYN)),
    }
  }

  /**
   * True if a packet of a flow that joins proves the keys for this flow. Its kind says which end sends it: the answerer sends the
   * SYN-ACK, and the joiner all others. The flow's machine knows which kinds it waits for.
   */
  proves(flow: Flow, kind: number, frame: Frame): boolean {
    if (frame.join < 0) return false
    const own = flow.nonce
    const theirs = { high: frame.nonceHigh, low: frame.nonceLow }
    const isAnswer = kind === SYNACK
    const { flags, mac } = joinOf(frame)
    const right = this.peerKeys.join(labelOf(kind), flags, {
      joinerNonce: isAnswer ? own : theirs,
      answererNonce: isAnswer ? theirs : own,
      joinerFlow: isAnswer ? flow.id : frame.srcFlow,
      answererFlow: isAnswer ? frame.srcFlow : flow.id,
    })
    return sameMac(right, mac)
  }

  /** Returns how many handshakes in progress the peer's SYN of this flowID has begun. */
  copiesOf(joiner: number): number {
    return this.members(this.state.pending).filter(
      ({ flow, isJoiner }) => !isJoiner && flow.state.peerFlow === joiner,
    ).length
  }

  /** True if a flow that the peer's SYN of this flowID began has opened. */
  isSpent(joiner: number): boolean {
    return this.#spent.includes(joiner)
  }

  /** A flow has opened. */
  spend({ flow, isJoiner }: Member): void {
    if (isJoiner) return
    this.#spent.push(flow.state.peerFlow)
    if (this.#spent.length > MOST_SPENT) this.#spent.shift()
  }
}

/** True if a SYN that joins proves the keys. */
export function provesSyn(peerKeys: Keys, frame: Frame): boolean {
  const { flags, mac } = joinOf(frame)
  const right = peerKeys.join(LABEL.SYN, flags, {
    joinerNonce: { high: frame.nonceHigh, low: frame.nonceLow },
    ...{ answererNonce: NO_NONCE, joinerFlow: frame.srcFlow, answererFlow: 0 },
  })
  return sameMac(right, mac)
}

const labelOf = (kind: number): number =>
  kind === SYN ? LABEL.SYN : kind === SYNACK ? LABEL.SYNACK : LABEL.ACK

function endsOf(flow: Flow, isJoiner: boolean, isFirst: boolean) {
  const { nonce, id, state } = flow
  if (isFirst) return { joinerNonce: nonce, answererNonce: NO_NONCE, joinerFlow: id, answererFlow: 0 }
  const { peerNonce } = flow
  return {
    joinerNonce: isJoiner ? nonce : peerNonce,
    answererNonce: isJoiner ? peerNonce : nonce,
    joinerFlow: isJoiner ? id : state.peerFlow,
    answererFlow: isJoiner ? state.peerFlow : id,
  }
}
