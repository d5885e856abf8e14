/**
 * A listening service: decides which SYNs become flows. It counts and limits handshakes in progress and flows that wait
 * to be accepted (invariant 4). A known SYN creates no second flow (invariant 3).
 *
 * Handshakes in progress take at most about half of the backlog, and half of the rest of the queue. Beyond that the
 * listener answers a SYN statelessly (RFC 4987, 3.6): the SYN-ACK's flowID and version follow from the SYN and a
 * secret, and the client's ACK, which contains them, creates the flow. So a flood of SYNs shuts nobody out.
 */
import { and, assign, not, setup } from 'xstate'
import type { AnyEventOf, EventOf } from '../../../checker/lower/typed.ts'

/** Limits are constants of the listener; counts are registers. */
export interface ListenerRegisters {
  /** The most handshakes in progress. */
  readonly backlog: number
  /** The most established flows waiting to be accepted. */
  readonly queue: number
  readonly pending: number
  readonly ready: number
}

/** The events and their fields. */
export const LISTENER_FIELDS = {
  /**
   * A SYN. `known` is 1 if it already created a flow (see {@link sameSyn}), at any listener of the host: a listener at
   * a longer prefix may have appeared meanwhile.
   */
  SYN: ['known'],
  /**
   * An ACK without a flow. `genuine` is 1 if its flowID and version are those of a valid stateless answer to the SYN
   * before it. `known` is 1 if that answer or that SYN already created a flow. `room` is 1 if the host can remember one
   * more answer until it expires.
   */
  CONFIRM: ['genuine', 'known', 'room'],
  /** A pending handshake is confirmed. */
  ESTABLISHED: [],
  /** A pending handshake is reset or given up. */
  FAILED: [],
  /** The application accepts a flow. */
  ACCEPT: [],
  CLOSE: [],
} as const

export type ListenerEvent = EventOf<typeof LISTENER_FIELDS>
type AnyEvent = AnyEventOf<typeof LISTENER_FIELDS>
interface Args {
  readonly context: ListenerRegisters
  readonly event: AnyEvent
}

/** A SYN is identified by address, flowID, nonce and version together, never by the flowID alone (D8). */
export interface SynIdentity {
  readonly from: number
  readonly srcFlow: number
  readonly nonce: number
  readonly verno: number
}

/** True if both are the same SYN. */
export const sameSyn = (a: SynIdentity, b: SynIdentity): boolean =>
  a.from === b.from && a.srcFlow === b.srcFlow && a.nonce === b.nonce && a.verno === b.verno

/** The effects of a listener, which its host carries out. */
export const listenerEffects = {
  /** The SYN becomes a flow. */
  admit: () => {},
  /** The SYN goes to the flow that it created, which answers as before. */
  repeat: () => {},
  /** Answers the SYN statelessly. */
  answer: () => {},
  /** The ACK becomes a flow, and is remembered until its answer expires. */
  confirm: () => {},
  /** No room: the packet is dropped and counted; the client tries again. */
  refuse: () => {},
}

const definition = setup({
  types: { context: {} as ListenerRegisters, events: {} as AnyEvent },
  guards: {
    known: ({ event }: Args) => event.known === 1,
    genuine: ({ event }: Args) => event.genuine === 1,
    hasMemory: ({ event }: Args) => event.room === 1,
    /** Handshakes in progress leave half of the backlog, and of the queue, to stateless ones. */
    isCalm: ({ context }: Args) =>
      2 * context.pending < context.backlog && 2 * context.pending + 1 < context.queue - context.ready,
    queueHasRoom: ({ context }: Args) => context.pending + context.ready < context.queue,
    isReady: ({ context }: Args) => context.ready > 0,
  },
  actions: {
    count: assign({ pending: ({ context }) => context.pending + 1 }),
    promote: assign({
      pending: ({ context }) => context.pending - 1,
      ready: ({ context }) => context.ready + 1,
    }),
    drop: assign({ pending: ({ context }) => context.pending - 1 }),
    append: assign({ ready: ({ context }) => context.ready + 1 }),
    take: assign({ ready: ({ context }) => context.ready - 1 }),
    ...listenerEffects,
  },
})

/** The machine of a listener. */
export const listenerMachine = definition.createMachine({
  id: 'listener',
  context: { backlog: 128, queue: 256, pending: 0, ready: 0 },
  initial: 'OPEN',
  states: {
    OPEN: {
      on: {
        SYN: [
          { guard: 'known', actions: ['repeat'] },
          { guard: and([not('known'), 'isCalm']), actions: ['count', 'admit'] },
          { guard: and([not('known'), 'queueHasRoom']), actions: ['answer'] },
          { actions: ['refuse'] },
        ],
        // Anybody can send an ACK that is not genuine: it gets no answer. A repeated ACK creates no second flow.
        CONFIRM: [
          {
            guard: and(['genuine', not('known'), 'hasMemory', 'queueHasRoom']),
            actions: ['append', 'confirm'],
          },
          { guard: and(['genuine', not('known')]), actions: ['refuse'] },
        ],
        ESTABLISHED: { actions: ['promote'] },
        FAILED: { actions: ['drop'] },
        ACCEPT: { guard: 'isReady', actions: ['take'] },
        CLOSE: { target: 'SHUT' },
      },
    },
    SHUT: {
      on: { ESTABLISHED: { actions: ['drop'] }, FAILED: { actions: ['drop'] } },
    },
  },
})
