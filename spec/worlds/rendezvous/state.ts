/** A rendezvous beside two ends of a flow: bindings for the addresses that they come from, and what is relayed. */
import { startedAt, type View } from '../../../checker/lower/value.ts'
import { type ModelPacket, pack } from '../flow/packet.ts'
import type { FlowWorld } from '../flow/state.ts'
import { step } from '../machines.ts'

/** Addresses from here on are the rendezvous's: one for each binding, and one more for what was relayed already. */
export const RENDEZVOUS = 5
/** From the address for a binding to the one for what was relayed before and is for it. */
export const MARK = 2
export const ADDRESSES = 8

/** The host of an address that is dead. */
export const NOWHERE = 3

/** A host that has nothing to do with the flow, and points bindings at the rendezvous itself. */
export const STRANGER = 3
/** Its announcements are newer than the first of each end. */
export const STRANGE_VERSION = 2

/** The binding for the address where a host begins. Both have announced it. */
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

/** What a step tells its invariants besides; zero before each step. */
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

/** Whether an address is the rendezvous's, and for which binding. */
export const isFor = (b: Binding, to: number): boolean => to === b.alias || to === b.alias + MARK

/** Somebody announces where he is. */
export const bind = (w: RendezvousWorld, b: Binding, by: Announcement): void => {
  w.did.binding = b.at
  w.did.proved = by.proved
  w.did.announcer = by.holder
  w.did.announced = by.version
  step('rendezvous', b, 'BIND', by)
}

/** A packet has come to the rendezvous. */
export const relay = (w: RendezvousWorld, b: Binding, p: ModelPacket): void => {
  w.did.packed = pack(w, p)
  w.did.binding = b.at
  w.did.relays = p.kind
  w.did.relayedAgain = p.to === b.alias ? 0 : 1
  step('rendezvous', b, 'RELAY', { kind: p.kind, relayed: p.to === b.alias ? 0 : 1 })
}
