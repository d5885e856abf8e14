/**
 * How a connecting host goes on when an instance of its service does not answer, or refuses. It resolves every repetition of
 * the SYN anew, like any hop, and leads it to another instance. All copies are the same SYN, so any instance may still answer:
 * the flow's machine gives the flow to the first answer, and resets every other instance (D15, invariant 44).
 *
 * The seeker only counts; its host knows the instances.
 */
import { assign, setup } from 'xstate'
import type { AnyEventOf, EventOf } from '../../../checker/lower/typed.ts'
import { MOST_REFUSALS } from './limits.ts'

export interface SeekerRegisters {
  /** The most refusals after which the host still asks another instance. */
  readonly most: number
  /** The number of refusals so far. */
  readonly refusals: number
}

/** The events and their fields. */
export const SEEKER_FIELDS = {
  /** The SYN has no answer yet, and its timer has expired. */
  SILENT: [],
  /**
   * An instance refuses the SYN. `others` is 1 when the host knows an instance that has not refused. `hop` is 1 when a router
   * chose the instance: it may know others, and the SYN tells it which have refused. `again` is 1 when the instance has refused
   * before: another copy of the SYN had been under way to it.
   */
  REFUSED: ['others', 'hop', 'again'],
} as const

export type SeekerEvent = EventOf<typeof SEEKER_FIELDS>
interface Args {
  readonly context: SeekerRegisters
  readonly event: AnyEventOf<typeof SEEKER_FIELDS>
}

/** The effects of a seeker, which its host carries out. */
export const seekerEffects = {
  /** Sends the SYN to the next instance that has not refused. */
  turn: () => {},
  /** Leaves the refusal to the flow, which ends. */
  pass: () => {},
  /** Drops the refusal. */
  ignore: () => {},
}

const definition = setup({
  types: { context: {} as SeekerRegisters, events: {} as AnyEventOf<typeof SEEKER_FIELDS> },
  guards: {
    isCopy: ({ event }: Args) => event.again === 1 && event.hop === 0 && event.others === 1,
    mayAskAnother: ({ context, event }: Args) =>
      context.refusals < context.most && (event.others === 1 || event.hop === 1),
  },
  actions: { count: assign({ refusals: ({ context }) => context.refusals + 1 }), ...seekerEffects },
})

/** The machine of one connect that seeks an instance. */
export const seekerMachine = definition.createMachine({
  id: 'seeker',
  context: { most: MOST_REFUSALS, refusals: 0 },
  initial: 'SEEKING',
  states: {
    SEEKING: {
      on: {
        SILENT: { actions: ['turn'] },
        REFUSED: [
          { guard: 'isCopy', actions: ['ignore'] },
          { guard: 'mayAskAnother', actions: ['count', 'turn'] },
          { actions: ['pass'] },
        ],
      },
    },
  },
})
