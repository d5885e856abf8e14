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
import { Keys, LABEL, NO_NONCE, sameMac } from './keys.ts'

/** Flows of one connection: a host has fewer networks, and a set of flows is a small number. */
export const MOST_FLOWS = 8

/** The owner of the flows of a connection, mostly a socket. */
export interface FlowsOwner {
  /** Returns a transport for a further flow of the connection; undefined if it takes none. */
  newTransport(): Transport | undefined
  /** A further flow is connected. */
  onFlow(flow: Flow): void
  /** The flow carries no data any more: what it has not delivered goes to the others. */
  onLeave(flow: Flow): void
  /** The peer wants data on this flow only while no other works, or no longer so. */
  onBackup?(flow: Flow, isBackup: boolean): void
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
  /** This end wants data on the flow only while no other works. */
  isBackup: boolean
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
  /** The peer's addresses by number, as it has advertised them. */
  peerAddresses: ReadonlyMap<number, Address> = new Map()
  /** This end's addresses, each at the index of its number less 1. A number is never used again. */
  readonly numbered: Address[] = []
  /** When to repeat an advertisement, ms, and how long to wait after that. */
  retryAt = Infinity
  retryMs = 0

  /** Begins with the connection's first flow, for which this end has told the key `own`. */
  constructor(first: Flow, isOpener: boolean, own: Nonce, owner: FlowsOwner) {
    this.keys = new Keys(own, first.peerKey)
    this.peerKeys = new Keys(first.peerKey, own)
    this.owner = owner
    this.service = first.service
    this.state = { ...connectionStep().initial(), opener: isOpener ? 1 : 0, live: 1 }
    this.#members = [{ flow: first, isJoiner: isOpener, named: 0, isBackup: false }]
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

  /** Returns the number under which this end advertises an address. */
  numberOf(address: Address): number {
    const known = this.numbered.indexOf(address)
    return known >= 0 ? known + 1 : this.numbered.push(address)
  }

  /** Returns what a control packet of a flow that joins says of it. */
  joinOf(flow: Flow, kind: number): Join {
    const { isJoiner = false, named = 0, isBackup = false } = this.member(flow) ?? {}
    return {
      address: this.numberOf(flow.local) & 0xff,
      flags: isBackup ? JOIN_BACKUP : 0,
      flow: kind === SYN ? named : 0,
      mac: this.keys.join(labelOf(kind), endsOf(flow, isJoiner, kind === SYN)),
    }
  }

  /** True if a packet of a flow that joins proves the keys for this flow. */
  proves(flow: Flow, kind: number, frame: Frame): boolean {
    if (frame.join < 0) return false
    const isJoiner = this.member(flow)?.isJoiner === true
    const label = labelOf(kind)
    // A SYN-ACK comes from the answerer, all others from the joiner.
    if ((label === LABEL.SYNACK) !== isJoiner) return false
    const own = flow.nonce
    const theirs = { high: frame.nonceHigh, low: frame.nonceLow }
    const mac = this.peerKeys.join(label, {
      joinerNonce: isJoiner ? own : theirs,
      answererNonce: isJoiner ? theirs : own,
      joinerFlow: isJoiner ? flow.id : frame.srcFlow,
      answererFlow: isJoiner ? frame.srcFlow : flow.id,
    })
    return sameMac(mac, joinOf(frame).mac)
  }

  /**
   * True if a SYN proves the keys for another flow. Somebody who has seen the SYN of a flow could otherwise send it again from many
   * addresses, and fill the connection with handshakes.
   */
  admits(frame: Frame): boolean {
    if (this.flows.some(({ isLive, state }) => isLive && state.peerFlow === frame.srcFlow)) return false
    const mac = this.peerKeys.join(LABEL.SYN, {
      joinerNonce: { high: frame.nonceHigh, low: frame.nonceLow },
      ...{ answererNonce: NO_NONCE, joinerFlow: frame.srcFlow, answererFlow: 0 },
    })
    return sameMac(mac, joinOf(frame).mac)
  }
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
