/** The state of a world of registration: a host, controllers with their copies, one registry, and messages in flight. */
import { bits, startedAt, type View } from '../../../checker/lower/value.ts'
import type { StateOf } from '../../../checker/lower/worldSpec.ts'
import { bitsFor, SPACE } from '../bounds.ts'

export interface RegistrationBounds {
  readonly capacity: number
  readonly loss: number
  readonly duplication: number
  /** Most times that the host starts to listen, changes its address, and accepts a flow. */
  readonly binds: number
  readonly moves: number
  readonly children: number
  /** 1 if the host may crash, the controllers may restart, and the host may give up unregistering. */
  readonly crashes: number
  readonly restarts: number
  readonly giveUp: number
  readonly controllers: number
  /** Most times that the operator evicts the instance, and lets it back. */
  readonly evictions: number
  /** 1 if a host without the key of the name may claim it. */
  readonly strangers: number
}

/** Messages; a packet of the network has kind, version and address from its lowest bits on. */
export const MESSAGE = { REGISTER: 1, UNREGISTER: 2, CONFIRM: 3 } as const
export const MESSAGES = ['', 'REGISTER', 'UNREGISTER', 'CONFIRM']
const KIND_BITS = 2
const VERSION_BITS = bitsFor(SPACE - 1)
const ADDRESS_BITS = 2
export const AT_VERSION = KIND_BITS
export const AT_ADDRESS = KIND_BITS + VERSION_BITS
const MESSAGE_BITS = KIND_BITS + VERSION_BITS + ADDRESS_BITS

/** Versions begin near the end of the circle. */
const FIRST_VERSION = 14
/** The host's addresses. It starts at the first, and moves to the second and back. */
export const HOMES = [1, 2] as const
/** The address of a host without the key. */
export const STRANGER = 3

const flag = (most: number) => (most > 0 ? bits(1) : 0)
const counter = (most: number) => (most > 0 ? bits(bitsFor(most)) : 0)

/** EVICTED is the last state. A world without evictions does without its bit. */
const recordOf = ({ evictions }: RegistrationBounds) => ({
  known: bits(VERSION_BITS),
  address: bits(ADDRESS_BITS),
  registrar: bits(evictions > 0 ? 3 : 2),
})

/** What an operator asks of a controller. */
export const ORDER = { EVICT: 1, ADMIT: 2 } as const

export const registrationShape = (b: RegistrationBounds) => ({
  ...{ ordered: 0, loss: b.loss, duplication: b.duplication },
  ...{ mayBind: b.binds, mayMove: b.moves, mayAccept: b.children },
  ...{ mayCrash: b.crashes, mayRestart: b.restarts, mayGiveUp: b.giveUp },
  ...{ mayEvict: b.evictions, evictions: counter(b.evictions) },
  /** 1 from the moment when the operator learns that an eviction is stored, until the eviction ends. */
  evicted: flag(b.evictions),
  host: {
    space: SPACE,
    version: startedAt(VERSION_BITS, FIRST_VERSION),
    address: bits(ADDRESS_BITS),
    registrant: bits(2),
    /** 1 while the socket is bound. The machine learns it by events. */
    bound: bits(1),
    /** The host's current address. */
    at: bits(ADDRESS_BITS, HOMES[0]),
    crashed: counter(b.crashes),
    /** The host gave up unregistering, so that only the end of the lease removes the registration. */
    forsaken: counter(b.giveUp),
    /** 1 while a flow that the listener accepted is open. */
    child: counter(b.children),
    binds: counter(b.binds),
    moves: counter(b.moves),
  },
  /** The controllers' copies of the registry. */
  live: Array.from({ length: b.controllers }, () => ({
    space: SPACE,
    ...recordOf(b),
    /** The operator's order that it is writing; 0 for none. */
    ordered: b.evictions > 0 ? bits(2) : 0,
    /** The controller is writing a change to the registry. */
    writing: bits(1),
    /** The copy is the registry's newest revision. */
    fresh: bits(1, 1),
  })),
  stored: recordOf(b),
  net: Array.from({ length: b.capacity }, () => bits(MESSAGE_BITS)),
})

/** Notes of a step for the invariants; zero before each step. */
export const REGISTRATION_DID = [
  'kind',
  'version',
  'confirmed',
  'controller',
  'host',
  'forgot',
  'denied',
] as const

export type RegistrationWorld = View<ReturnType<typeof registrationShape>> & {
  did: Record<(typeof REGISTRATION_DID)[number], number>
}
/** The state alone, without what a step tells its invariants. */
export type RegistrationState = StateOf<RegistrationWorld>
export type Controller = RegistrationWorld['live'][number]
export type Registrant = RegistrationWorld['host']
