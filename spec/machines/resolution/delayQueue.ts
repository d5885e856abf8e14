/**
 * First packets that wait while the host asks the controller for their service: one queue for each service. A packet
 * leaves once: released, to be resolved again, or purged. A released packet does not wait again (D13).
 *
 * The queue counts the packets; the host stores them.
 */
import { assign, setup } from 'xstate'
import type { AnyEventOf, EventOf } from '../../../checker/lower/typed.ts'
import { DEFAULT_CAP } from './limits.ts'
import { CROWDED_OUT, FULL, NO_ANSWER, NO_CONTROLLER, NO_SERVICE, REPEATED, WAITED } from './reasons.ts'

export interface DelayQueueRegisters {
  /** The most packets that wait for this service. */
  readonly cap: number
  /** The number of packets waiting. */
  readonly held: number
}

/** The events and their fields. */
export const DELAY_QUEUE_FIELDS = {
  /**
   * A packet is to wait. `released` is 1 when it has waited before, `known` when the same packet waits already (of a SYN,
   * see `sameSyn` of the listener), `room` when all queues together have room for one more.
   */
  MISS: ['released', 'known', 'room'],
  /** A packet waiting here yields to another, possibly for another service: see yields.ts. */
  YIELD: [],
  /** The rules for the service have changed. */
  ANSWERED: [],
  /** The service does not exist. */
  UNANSWERED: [],
  /** The timer of a question to the controller expired. */
  TIMEOUT: [],
  /** The timer expired for the last time. */
  GIVEUP: [],
  /** The controller is gone. */
  LOST: [],
} as const

export type DelayQueueEvent = EventOf<typeof DELAY_QUEUE_FIELDS>
type AnyEvent = AnyEventOf<typeof DELAY_QUEUE_FIELDS>
interface Args {
  readonly context: DelayQueueRegisters
  readonly event: AnyEvent
}

const dropFor = (reason: number) => ({ type: 'drop' as const, params: { reason } })
const purgeFor = (reason: number) => ({ type: 'purge' as const, params: { reason } })

/** The effects of a delay queue, which its host carries out. */
export const delayQueueEffects = {
  /** The packet waits. */
  hold: () => {},
  /** Asks the controller. */
  ask: () => {},
  /** Restarts the timer. */
  arm: () => {},
  /** Resolves all waiting packets again, in order of arrival. */
  release: () => {},
  /** Drops the packet and counts it under the reason. */
  drop: (_: unknown, _params: { reason: number }) => {},
  /** Drops the packet that yields, and counts it under the reason. */
  evict: (_: unknown, _params: { reason: number }) => {},
  /** Drops all waiting packets, and tells local sockets why. Refuses the SYNs of others if the service does not exist. */
  purge: (_: unknown, _params: { reason: number }) => {},
}

const definition = setup({
  types: { context: {} as DelayQueueRegisters, events: {} as AnyEvent },
  guards: {
    hasWaited: ({ event }: Args) => event.released === 1,
    waits: ({ event }: Args) => event.known === 1,
    isLast: ({ context }: Args) => context.held === 1,
    hasPlace: ({ context, event }: Args) => context.held < context.cap && event.room === 1,
  },
  actions: {
    count: assign({ held: ({ context }) => context.held + 1 }),
    uncount: assign({ held: ({ context }) => context.held - 1 }),
    clear: assign({ held: 0 }),
    ...delayQueueEffects,
  },
})

const evicted = { type: 'evict' as const, params: { reason: CROWDED_OUT } }

/** All waiting packets leave. */
const purged = (reason: number) => ({ target: 'IDLE', actions: [purgeFor(reason), 'clear'] }) as const

/** The machine of the first packets that wait for one service. */
export const delayQueueMachine = definition.createMachine({
  id: 'delayQueue',
  context: { cap: DEFAULT_CAP, held: 0 },
  initial: 'IDLE',
  states: {
    IDLE: {
      on: {
        MISS: [
          { guard: 'hasWaited', actions: [dropFor(WAITED)] },
          { guard: 'hasPlace', target: 'ASKING', actions: ['count', 'hold', 'ask', 'arm'] },
          { actions: [dropFor(FULL)] },
        ],
      },
    },
    ASKING: {
      on: {
        MISS: [
          { guard: 'hasWaited', actions: [dropFor(WAITED)] },
          { guard: 'waits', actions: [dropFor(REPEATED)] },
          { guard: 'hasPlace', actions: ['count', 'hold'] },
          { actions: [dropFor(FULL)] },
        ],
        YIELD: [
          { guard: 'isLast', target: 'IDLE', actions: [evicted, 'uncount'] },
          { actions: [evicted, 'uncount'] },
        ],
        ANSWERED: { target: 'IDLE', actions: ['release', 'clear'] },
        UNANSWERED: purged(NO_SERVICE),
        TIMEOUT: { actions: ['ask', 'arm'] },
        GIVEUP: purged(NO_ANSWER),
        LOST: purged(NO_CONTROLLER),
      },
    },
  },
})
