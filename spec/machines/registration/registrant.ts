/**
 * The host's side of a registration: one service that the host listens to, as its controller is to know it. Each change
 * takes a version of its own, so that of two messages the newer is told by itself, whatever became of the way there.
 */
import { assign, setup } from 'xstate'
import type { AnyEventOf, EventOf } from '../../../checker/lower/typed.ts'
import { next } from '../flow/serial.ts'

export interface RegistrantRegisters {
  /** How many versions there are on the circle. */
  readonly space: number
  /** Of what the host wants the controller to know. */
  readonly version: number
  /** Where the service is. */
  readonly address: number
}

/** The events and their fields. */
export const REGISTRANT_FIELDS = {
  /** The host begins to listen. */
  BIND: ['address'],
  /** The service is reached elsewhere from now on. */
  MOVE: ['address'],
  /** The listener is closed. Flows that it accepted go on, and have no part in this. */
  UNBIND: [],
  /** The controller has stored this version. */
  CONFIRMED: ['version'],
  /** No answer came, the lease is to be refreshed, or there is another controller to tell. */
  TIMEOUT: [],
  /** Nobody hears the unregistration: the lease will end by itself. */
  GIVEUP: [],
} as const

export type RegistrantEvent = EventOf<typeof REGISTRANT_FIELDS>
type AnyEvent = AnyEventOf<typeof REGISTRANT_FIELDS>
interface Args {
  readonly context: RegistrantRegisters
  readonly event: AnyEvent
}

/** What the registrant asks its host for. */
export const registrantEffects = {
  /** Tells the controller what holds now, and waits for the answer. */
  register: () => {},
  unregister: () => {},
  /** Confirmed: the lease is to be refreshed in time. */
  rest: () => {},
  /** The controller knows nothing of it any more. */
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
