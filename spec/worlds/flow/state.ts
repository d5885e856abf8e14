/** The state of a model: flows on hosts, a listener for each service socket, a network. */

import { bits, type View } from '../../../checker/lower/value.ts'
import type { StateOf } from '../../../checker/lower/worldSpec.ts'
import * as notices from '../../machines/flow/notices.ts'
import { bitsFor } from '../bounds.ts'
import { layoutOf, type Widths } from './packet.ts'

/** Who a flow slot is for. */
export const ROLE = { CLIENT: 1, CHILD: 2, LISTENER: 3 } as const

/** A flow slot of a model: everything about it that never changes. */
export interface FlowSlot {
  /** What people read: `client`, `server`, ... */
  readonly name: string
  readonly role: number
  readonly host: number
  /** Its flowID; 0 lets the host choose when the flow begins. */
  readonly id: number
  /** Its nonce, which no other flow has: the mark of what it sends. */
  readonly nonce: number
  /** Its first version number. */
  readonly iss: number
  /** The address that it starts from. */
  readonly home: number
  /** All addresses of its host. */
  readonly addresses: readonly number[]
  /** Where a client sends its SYN. */
  readonly target: number
  /** How often this end may move, send, close, abort. */
  readonly moves: number
  readonly data: number
  readonly closes: number
  readonly aborts: number
  /** Of the flow that the stateless answer to a client's SYN becomes: the client's nonce, and the epoch. Otherwise 0. */
  readonly answers: number
  readonly epoch: number
  /** The capabilities that it offers; 0: it is a prototype. */
  readonly offers: number
  /** Its reset token; 0 for none. */
  readonly token: number
  /** 1: it joins a connection whose keys its host knows. */
  readonly keys: number
  /** Where the others see it, if an address translator (NAT) is in between: at first this address. Otherwise 0. */
  readonly outside: number
}

export interface Options {
  readonly widths: Widths
  readonly capacity: number
  readonly ordered: number
  readonly loss: number
  readonly duplication: number
  readonly giveUp: number
  /** 1: a prompt world. */
  readonly prompt?: number
  /** Most handshakes in progress that a listener keeps; 0: a child takes the SYN by itself. */
  readonly backlog: number
  /** How many epochs there are for stateless answers, and how many that are confirmed a host remembers; absent: no such answers. */
  readonly epochs?: number
  readonly memory?: number
  /** An address that stands for a service: the network resolves it anew for each SYN. */
  readonly service?: number
  /** Addresses that may be given to another host, or that their host may lose. */
  readonly reassignable?: readonly number[]
  /** 1: reassignable addresses may be lost. */
  readonly mayLose?: number
  /** An address of a host at which nothing arrives. */
  readonly dead?: number
  /** 1: every SYN has its origin in SOURCE alone. */
  readonly claimed?: number
  /** 1: each end that offers capabilities may turn out to be a prototype. */
  readonly prototypes?: number
  /** 1: hosts may restart. */
  readonly restarts?: number
  /** An attacker's own address, and the flowID that its packets name as theirs. */
  readonly stranger?: { readonly address: number; readonly flow: number }
}

/** Which host has which address, by address; those that may change hands are variables. */
const ownersOf = (slots: readonly FlowSlot[], o: Options) =>
  Array.from({ length: o.widths.addresses + 1 }, (_, address) => {
    const host = slots.find(slot => slot.addresses.includes(address))?.host ?? NOBODY
    if (address === o.dead) return NOBODY
    return o.reassignable?.includes(address) ? bits(3, host) : host
  })

/** The host of addresses that no host has. */
export const NOBODY = 7

const flowShape = (slot: FlowSlot, { widths: w, ...o }: Options, hasData: boolean) => {
  const remembers = o.backlog > 0 || slot.keys === 1
  const address = bitsFor(w.addresses)
  const flow = bitsFor(w.flows)
  const nonce = bitsFor(w.nonces)
  const verno = bitsFor(w.space - 1)
  const leaf = (width: number) => bits(width)
  return {
    ...{ role: slot.role, host: slot.host, id: slot.id, nonce: slot.nonce, iss: slot.iss, home: slot.home },
    ...{ addresses: [...slot.addresses], target: slot.target },
    ...{
      mayMove: slot.moves,
      maySend: slot.data,
      mayClose: slot.closes,
      mayAbort: slot.aborts,
      answers: slot.answers,
      epoch: slot.epoch,
      offers: o.prototypes === 1 && slot.offers > 0 ? bits(bitsFor(slot.offers), slot.offers) : slot.offers,
    },
    token: slot.token,
    keys: slot.keys,
    outside: slot.outside > 0 ? bits(address, slot.outside) : 0,
    space: w.space,
    connection: bits(4),
    migration: bits(2),
    localFlow: leaf(flow),
    peerFlow: leaf(flow),
    localNonce: leaf(nonce),
    peerNonce: leaf(nonce),
    peerToken: leaf(bitsFor(w.tokens ?? 0)),
    local: leaf(address),
    peer: leaf(address),
    nextLocal: leaf(address),
    nextPeer: leaf(address),
    formerPeer: leaf(address),
    sndNxt: leaf(verno),
    rcvNxt: leaf(verno),
    credit: leaf(2),
    claimed: leaf(1),
    capabilities: leaf(bitsFor(w.capabilities ?? 0)),
    held: leaf(1),
    joins: leaf(1),
    owed: leaf(4),
    /** What a listener remembers of the SYN that this flow was made from. */
    ...(remembers && slot.role === ROLE.CHILD
      ? { synFrom: leaf(address), synVerno: leaf(verno) }
      : { synFrom: 0, synVerno: 0 }),
    /** The host remembers that this answer was confirmed. */
    confirmed: slot.answers > 0 ? leaf(1) : 0,
    /** For the invariants: this end has been reached at the address that it moves to. */
    reached: leaf(1),
    moves: slot.moves > 0 ? bits(bitsFor(slot.moves)) : 0,
    sent: slot.data > 0 ? bits(bitsFor(slot.data)) : 0,
    /** Data that this end has got, in order. */
    got: hasData ? bits(2) : 0,
  }
}

export const modelShape = (slots: readonly FlowSlot[], o: Options) => {
  const layout = layoutOf(o.widths)
  const hasData = slots.some(slot => slot.data > 0)
  // A listener keeps no more handshakes than half of its backlog.
  const most = 2 * o.backlog
  const count = most > 0 ? bits(bitsFor(most)) : 0
  return {
    ...{
      at: { ...layout.at },
      mask: { ...layout.mask },
      ordered: o.ordered,
      duplication: o.duplication,
      loss: o.loss,
      giveUp: o.giveUp,
    },
    flowIds: Array.from({ length: o.widths.flows }, (_, i) => i + 1),
    prompt: o.prompt ?? 0,
    hasData: hasData ? 1 : 0,
    service: o.service ?? 0,
    claimed: o.claimed ?? 0,
    dead: o.dead ?? 0,
    stranger: o.stranger ?? { address: 0, flow: 0 },
    owner: ownersOf(slots, o),
    hasListener: o.backlog > 0 ? 1 : 0,
    epochs: o.epochs ?? 0,
    memory: o.memory ?? 0,
    epoch: (o.epochs ?? 0) > 1 ? bits(bitsFor((o.epochs as number) - 1)) : 0,
    flow: slots.map(slot => flowShape(slot, o, hasData)),
    net: Array.from({ length: o.capacity }, () => bits(layout.bits)),
    listener: {
      backlog: most,
      queue: most,
      pending: count,
      ready: count,
      listener: o.backlog > 0 ? bits(1) : 0,
    },
    /** A move was given up, or an address lost: from then on the ends may rightly disagree. */
    forsaken: o.giveUp || o.mayLose ? bits(1) : 0,
  }
}

/** What a step tells its invariants; zero before each step. */
export const DID = [
  ...[
    'flow',
    'kind',
    'verno',
    'ackno',
    'nonce',
    'fin',
    'from',
    'to',
    'srcFlow',
    'proof',
    'capabilities',
    'challenge',
    'echo',
    'joins',
  ],
  ...[
    'event',
    'sent',
    'sentKind',
    'sentTo',
    'sentFrom',
    'sentVerno',
    'sentAckno',
    'sentCapabilities',
    'sentRst',
    'rsyns',
    'bareFin',
    'bareRsyn',
    'bareAnswer',
    'sentService',
  ],
  ...[
    'answerTo',
    'answerAckno',
    'synackVerno',
    'dataTo',
    'dataFrom',
    'delivered',
    'unproved',
    'armed',
    'admitted',
    'repeated',
    'refused',
    'answered',
    'confirmed',
    'again',
    'reset',
    'unreadable',
    'restarted',
    'told',
    'renewed',
    'lingers',
    'untrue',
  ],
] as const

/** Notices. Some have the name of a state. */
export const NOTICE = { ...notices }

/** Events that no packet brings, numbered for the invariants. */
export const ACTED = {
  CONNECT: 1,
  SEND: 2,
  MOVE: 3,
  CLOSE: 4,
  ABORT: 5,
  TIMEOUT: 6,
  GIVEUP: 7,
  EXPIRE: 8,
  DEAD: 9,
} as const

export type FlowWorld = View<ReturnType<typeof modelShape>> & { did: Record<(typeof DID)[number], number> }
/** The state alone, without what a step tells its invariants. */
export type FlowState = StateOf<FlowWorld>
export type Flow = FlowWorld['flow'][number]
