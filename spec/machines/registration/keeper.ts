/**
 * Decides which controller of a registry ends the lease of an instance. The record of the instance names its *keeper*: the
 * controller that hears the host. The keeper stores no renewals. The others take the lease for renewed while they hear the
 * keeper, or the registry is silent, because then the keeper could not tell them of anything (invariants 81 and 82).
 */
import { setup } from 'xstate'
import type { AnyEventOf, EventOf } from '../../../checker/lower/typed.ts'

/** The events and their fields. */
export const KEEPER_FIELDS = {
  /** The registry has this record of the instance. `own`: 1 if it names this controller. */
  LOADED: ['own'],
  /** The host renews the lease here. `changed`: 1 if the renewal changes the record, by a new certificate or another key. */
  RENEWED: ['changed'],
  /**
   * The lease has run out by this controller's clock. `able`: 1 if the registry answers. `silent`: 1 if the named keeper has been
   * silent for as long.
   */
  DUE: ['able', 'silent'],
  /** The registry answers again, or this controller was suspended. `lost`: 1 if the registry has lost the record. */
  RETURNED: ['lost'],
} as const

export type KeeperEvent = EventOf<typeof KEEPER_FIELDS>
interface Args {
  readonly event: AnyEventOf<typeof KEEPER_FIELDS>
}

/** The effects of a keeper, which its controller carries out. */
export const keeperEffects = {
  /** Starts the lease again: DUE follows when it has run out. */
  extend: () => {},
  /** Asks the registry, if it answers, to store the record with this controller as its keeper; LOADED follows if nobody has changed it. */
  announce: () => {},
  /** Asks the registry to store this controller's copy of the record, unless it has one. */
  restore: () => {},
  /** DUE follows again. */
  hold: () => {},
  /** The lease ends. */
  expire: () => {},
}

const definition = setup({
  types: { context: {} as Record<never, never>, events: {} as AnyEventOf<typeof KEEPER_FIELDS> },
  guards: {
    isOwn: ({ event }: Args) => event.own === 1,
    isChanged: ({ event }: Args) => event.changed === 1,
    isUnable: ({ event }: Args) => event.able === 0,
    isHeard: ({ event }: Args) => event.able === 0 || event.silent === 0,
    isLost: ({ event }: Args) => event.lost === 1,
  },
  actions: keeperEffects,
})

const named = [
  { guard: 'isOwn', target: 'OURS', actions: ['extend'] },
  { target: 'THEIRS', actions: ['extend'] },
] as const

/** Renewals may have been missed, without any fault of the host. */
const returned = [{ guard: 'isLost', actions: ['extend', 'restore'] }, { actions: ['extend'] }] as const

/** The machine of a controller, for each current instance. */
export const keeperMachine = definition.createMachine({
  id: 'keeper',
  context: {},
  initial: 'OURS',
  states: {
    /** The record names this controller, and is what this controller has heard. */
    OURS: {
      on: {
        LOADED: [...named],
        RENEWED: [
          { guard: 'isChanged', target: 'THEIRS', actions: ['extend', 'announce'] },
          { actions: ['extend'] },
        ],
        DUE: [{ guard: 'isUnable', actions: ['hold'] }, { actions: ['expire'] }],
        RETURNED: [...returned],
      },
    },
    /** The record names another controller, which may be dead, or lacks what this one has heard. */
    THEIRS: {
      on: {
        LOADED: [...named],
        // The registry may not answer, so each renewal announces it until the record names this controller.
        RENEWED: { actions: ['extend', 'announce'] },
        DUE: [{ guard: 'isHeard', actions: ['hold'] }, { actions: ['expire'] }],
        RETURNED: [...returned],
      },
    },
  },
})
