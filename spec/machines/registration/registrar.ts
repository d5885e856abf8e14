/**
 * The controller's side of a registration: one instance of a service, as the registry holds it. Anything older than the
 * known version changes nothing (invariant 48), also after the instance has ended: its version is kept as long as
 * messages may be in flight. A change is confirmed once the registry has it, never before. An operator may evict an
 * instance: it stays out, whatever its host registers, until an operator admits it or its host unregisters it (invariant 73).
 * A claim that the name's authority does not allow changes nothing (invariant 74).
 */
import { assign, setup } from 'xstate'
import type { AnyEventOf, EventOf } from '../../../checker/lower/typed.ts'
import { notBefore } from '../flow/serial.ts'

export interface RegistrarRegisters {
  readonly space: number
  /** The newest version; 0 if none. */
  readonly known: number
  readonly address: number
}

/** The events and their fields. */
export const REGISTRAR_FIELDS = {
  /** `allowed`: 0 if the name belongs to a key that does not vouch for the claim, or the host may not claim it; else 1. */
  REGISTER: ['version', 'address', 'allowed'],
  UNREGISTER: ['version', 'allowed'],
  /** The registry has stored the machine's state. */
  STORED: [],
  /** An operator evicts the instance, or admits it again. */
  EVICT: [],
  ADMIT: [],
  /** The lease has expired, or an ended or evicted instance is old enough to be forgotten. */
  EXPIRE: [],
} as const

export type RegistrarEvent = EventOf<typeof REGISTRAR_FIELDS>
type AnyEvent = AnyEventOf<typeof REGISTRAR_FIELDS>
interface Args {
  readonly context: RegistrarRegisters
  readonly event: AnyEvent
}

/** The effects of a registrar, which its controller carries out. */
export const registrarEffects = {
  /** Asks the registry to store the machine's state; STORED follows. */
  store: () => {},
  /** Tells the host that this version is stored. */
  confirm: () => {},
  /** Starts the lease: EXPIRE follows unless the host renews it. */
  lease: () => {},
  /** EXPIRE follows once no earlier message can be in flight any more. */
  keep: () => {},
  /** Tells the host that an operator has evicted the instance. */
  reject: () => {},
  /** Tells the host that it may not claim the name. */
  deny: () => {},
  /** Counts a stale message, which has no other effect. */
  stale: () => {},
}

const definition = setup({
  types: { context: {} as RegistrarRegisters, events: {} as AnyEvent },
  guards: {
    isNewer: ({ context, event }: Args) =>
      event.version !== context.known && notBefore(event.version, context.known, context.space),
    isSame: ({ context, event }: Args) => event.version === context.known,
    isDenied: ({ event }: Args) => event.allowed === 0,
  },
  actions: {
    take: assign({ known: ({ event }) => event.version, address: ({ event }) => event.address }),
    remove: assign({ known: ({ event }) => event.version, address: () => 0 }),
    note: assign({ known: ({ event }) => event.version }),
    lose: assign({ address: () => 0 }),
    forget: assign({ known: () => 0 }),
    ...registrarEffects,
  },
})

/** Precedes all other rules about claims. */
const denied = { guard: 'isDenied', actions: ['deny'] } as const

/** For an instance with a known version: accepts only newer ones. */
const ifNewer = {
  register: { guard: 'isNewer', target: 'BOUND', actions: ['take', 'store'] },
  unregister: { guard: 'isNewer', target: 'GONE', actions: ['remove', 'store'] },
} as const

/** The machine of a controller, for each instance. */
export const registrarMachine = definition.createMachine({
  id: 'registrar',
  context: { space: 2 ** 32, known: 0, address: 0 },
  initial: 'ABSENT',
  states: {
    ABSENT: {
      on: {
        REGISTER: [denied, { target: 'BOUND', actions: ['take', 'store'] }],
        // The registration may arrive later.
        UNREGISTER: [denied, { target: 'GONE', actions: ['remove', 'store'] }],
      },
    },
    BOUND: {
      on: {
        REGISTER: [
          denied,
          ifNewer.register,
          { guard: 'isSame', actions: ['lease', 'confirm'] },
          { actions: ['stale'] },
        ],
        UNREGISTER: [denied, ifNewer.unregister, { actions: ['stale'] }],
        STORED: { actions: ['lease', 'confirm'] },
        EVICT: { target: 'EVICTED', actions: ['lose', 'store'] },
        EXPIRE: { target: 'EXPIRED', actions: ['lose', 'store'] },
      },
    },
    /** The lease expired. The host may still exist and return. */
    EXPIRED: {
      on: {
        REGISTER: [
          denied,
          ifNewer.register,
          { guard: 'isSame', target: 'BOUND', actions: ['take', 'store'] },
          { actions: ['stale'] },
        ],
        UNREGISTER: [denied, ifNewer.unregister, { actions: ['stale'] }],
        STORED: { actions: ['keep'] },
        EVICT: { target: 'EVICTED', actions: ['store'] },
        EXPIRE: { target: 'ABSENT', actions: ['forget', 'store'] },
      },
    },
    /** Unregistered by the host. */
    GONE: {
      on: {
        REGISTER: [denied, ifNewer.register, { actions: ['stale'] }],
        UNREGISTER: [
          denied,
          ifNewer.unregister,
          { guard: 'isSame', actions: ['keep', 'confirm'] },
          { actions: ['stale'] },
        ],
        STORED: { actions: ['keep', 'confirm'] },
        EXPIRE: { target: 'ABSENT', actions: ['forget', 'store'] },
      },
    },
    /** Evicted by an operator. Registrations change only the version that is known. */
    EVICTED: {
      on: {
        REGISTER: [
          denied,
          { guard: 'isNewer', actions: ['note', 'store'] },
          { guard: 'isSame', actions: ['keep', 'reject'] },
          { actions: ['stale'] },
        ],
        UNREGISTER: [denied, ifNewer.unregister, { actions: ['stale'] }],
        STORED: { actions: ['keep', 'reject'] },
        // The next registration of its host binds it.
        ADMIT: { target: 'EXPIRED', actions: ['store'] },
        EXPIRE: { target: 'ABSENT', actions: ['forget', 'store'] },
      },
    },
  },
})
