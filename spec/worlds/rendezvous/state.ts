/** The state of a rendezvous beside two ends of a flow: bindings of their first addresses, and relayed packets. */
import { startedAt, type View } from '../../../checker/lower/value.ts'
import { type ModelPacket, pack } from '../flow/packet.ts'
import type { FlowWorld } from '../flow/state.ts'
import { step } from '../machines.ts'

/** The rendezvous's first address. It has one for each binding, and one for each binding's relayed packets. */
export const RENDEZVOUS = 5
/** The distance from a binding's address to the address for its relayed packets. */
export const MARK = 2
export const ADDRESSES = 8

/** The owner of dead addresses. */
export const NOWHERE = 3

/** An attacker's host, which announces the rendezvous's own addresses. */
export const STRANGER = 3
/** The version of its announcements, newer than the first of each end. */
export const STRANGE_VERSION = 2

/** The binding of a host's first address. Both hosts have announced theirs. */
const bindingShape = (host: number, at: number, alias: number, other: number) => ({
  ...{ host, at, alias, other },
  rendezvous: startedAt(1, 1),
  holder: startedAt(2, host + 1),
  version: startedAt(2, 1),
  address: startedAt(4, at),
})

export const shapeOf = (stranger: number) => ({
  mayUsurp: stranger,
  rendezvous: [
    bindingShape(0, 1, RENDEZVOUS, RENDEZVOUS + 1),
    bindingShape(1, 3, RENDEZVOUS + 1, RENDEZVOUS),
  ],
})

/** More notes of a step for the invariants; zero before each step. */
export const DID = [
  'packed',
  'relays',
  'relayedTo',
  'relayedAgain',
  'binding',
  'proved',
  'reason',
  'refusedFor',
  'announcer',
  'announced',
] as const

export type RendezvousWorld = FlowWorld &
  View<ReturnType<typeof shapeOf>> & { did: Record<(typeof DID)[number], number> }
export type Binding = RendezvousWorld['rendezvous'][number]

interface Announcement {
  readonly holder: number
  readonly version: number
  readonly address: number
  readonly proved: number
}

/** True if `to` is one of the rendezvous's addresses for this binding. */
export const isFor = (b: Binding, to: number): boolean => to === b.alias || to === b.alias + MARK

/** A host announces its address. */
export const bind = (w: RendezvousWorld, b: Binding, by: Announcement): void => {
  w.did.binding = b.at
  w.did.proved = by.proved
  w.did.announcer = by.holder
  w.did.announced = by.version
  step('rendezvous', b, 'BIND', by)
}

/** A packet reaches the rendezvous. */
export const relay = (w: RendezvousWorld, b: Binding, p: ModelPacket): void => {
  w.did.packed = pack(w, p)
  w.did.binding = b.at
  w.did.relays = p.kind
  w.did.relayedAgain = p.to === b.alias ? 0 : 1
  step('rendezvous', b, 'RELAY', { kind: p.kind, relayed: p.to === b.alias ? 0 : 1 })
}
