/**
 * The host's side of a registration: one service with a listener, as the controller should know it. Each change takes a
 * new version, so that the newer of two messages is recognizable, whatever happened on the way.
 */
import { assign, setup } from 'xstate'
import type { AnyEventOf, EventOf } from '../../../checker/lower/typed.ts'
import { next } from '../flow/serial.ts'

export interface RegistrantRegisters {
  /** The number of versions on the circle. */
  readonly space: number
  /** The version of the state that the controller should know. */
  readonly version: number
  /** The address of the service. */
  readonly address: number
}

/** The events and their fields. */
export const REGISTRANT_FIELDS = {
  /** The host starts to listen. */
  BIND: ['address'],
  /** The service has a new address. */
  MOVE: ['address'],
  /** The listener closes. Flows that it accepted continue, and are not affected. */
  UNBIND: [],
  /** The controller has stored this version. */
  CONFIRMED: ['version'],
  /** No answer arrived, the lease needs a refresh, or there is a new controller. */
  TIMEOUT: [],
  /** Nobody answers the unregistration: the lease will expire by itself. */
  GIVEUP: [],
} as const

export type RegistrantEvent = EventOf<typeof REGISTRANT_FIELDS>
type AnyEvent = AnyEventOf<typeof REGISTRANT_FIELDS>
interface Args {
  readonly context: RegistrantRegisters
  readonly event: AnyEvent
}

/** The effects of a registrant, which its host carries out. */
export const registrantEffects = {
  /** Sends the current state to the controller, and waits for the answer. */
  register: () => {},
  unregister: () => {},
  /** Confirmed: refresh the lease in time. */
  rest: () => {},
  /** The controller does not know the service any more. */
  release: () => {},
}

const definition = setup({
  types: { context: {} as RegistrantRegisters, events: {} as AnyEvent },
  guards: {
    isElsewhere: ({ context, event }: Args) => event.address !== context.address,
    isMine: ({ context, event }: Args) => event.version === context.version,
  },
  actions: {
    renew: assign({
      version: ({ context }) => next(context.version, context.space),
      address: ({ event }) => event.address,
    }),
    revoke: assign({ version: ({ context }) => next(context.version, context.space) }),
    ...registrantEffects,
  },
})

/** The machine of a host that registers an instance. */
export const registrantMachine = definition.createMachine({
  id: 'registrant',
  context: { space: 2 ** 32, version: 0, address: 0 },
  initial: 'UNREGISTERED',
  states: {
    UNREGISTERED: {
      on: { BIND: { target: 'REGISTERING', actions: ['renew', 'register'] } },
    },
    REGISTERING: {
      on: {
        MOVE: { guard: 'isElsewhere', actions: ['renew', 'register'] },
        UNBIND: { target: 'UNREGISTERING', actions: ['revoke', 'unregister'] },
        CONFIRMED: { guard: 'isMine', target: 'REGISTERED', actions: ['rest'] },
        TIMEOUT: { actions: ['register'] },
      },
    },
    REGISTERED: {
      on: {
        MOVE: { guard: 'isElsewhere', target: 'REGISTERING', actions: ['renew', 'register'] },
        UNBIND: { target: 'UNREGISTERING', actions: ['revoke', 'unregister'] },
        TIMEOUT: { target: 'REGISTERING', actions: ['register'] },
      },
    },
    UNREGISTERING: {
      on: {
        BIND: { target: 'REGISTERING', actions: ['renew', 'register'] },
        CONFIRMED: { guard: 'isMine', target: 'UNREGISTERED', actions: ['release'] },
        TIMEOUT: { actions: ['unregister'] },
        GIVEUP: { target: 'UNREGISTERED', actions: ['release'] },
      },
    },
  },
})
