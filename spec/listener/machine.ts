/**
 * A listening service: which SYNs become flows. Handshakes in progress and flows that wait to be accepted are counted
 * and bounded (invariant 4); a SYN that is already known makes no second flow (invariant 3).
 */
import { and, assign, not, setup } from 'xstate'

/** Limits are constants of the listener; counts are registers. */
export interface ListenerRegisters {
  /** Most handshakes in progress. */
  readonly backlog: number
  /** Most established flows that nobody has accepted. */
  readonly queue: number
  readonly pending: number
  readonly ready: number
}

export type ListenerEvent =
  /**
   * A SYN; `known` is 1 when a flow was already made from it (see {@link sameSyn}), by whichever listener of the host: one
   * at a longer prefix may have come between.
   */
  | { readonly type: 'SYN'; readonly known: number }
  /** A pending handshake is confirmed. */
  | { readonly type: 'ESTABLISHED' }
  /** A pending handshake is reset, or is given up. */
  | { readonly type: 'FAILED' }
  /** The application takes a flow. */
  | { readonly type: 'ACCEPT' }
  | { readonly type: 'CLOSE' }

type AnyEvent = { type: ListenerEvent['type']; known: number }
interface Args {
  readonly context: ListenerRegisters
  readonly event: AnyEvent
}

/** What identifies a SYN: address, flowID, nonce and version together, never the flowID alone (D8). */
export interface SynIdentity {
  readonly from: number
  readonly srcFlow: number
  readonly nonce: number
  readonly verno: number
}

/** Whether two SYNs are the same SYN. */
export const sameSyn = (a: SynIdentity, b: SynIdentity): boolean =>
  a.from === b.from && a.srcFlow === b.srcFlow && a.nonce === b.nonce && a.verno === b.verno

const definition = setup({
  types: { context: {} as ListenerRegisters, events: {} as AnyEvent },
  guards: {
    known: ({ event }: Args) => event.known === 1,
    hasRoom: ({ context }: Args) =>
      context.pending < context.backlog && context.pending + context.ready < context.queue,
    isReady: ({ context }: Args) => context.ready > 0,
  },
  actions: {
    count: assign({ pending: ({ context }) => context.pending + 1 }),
    promote: assign({
      pending: ({ context }) => context.pending - 1,
      ready: ({ context }) => context.ready + 1,
    }),
    drop: assign({ pending: ({ context }) => context.pending - 1 }),
    take: assign({ ready: ({ context }) => context.ready - 1 }),
    /** The SYN becomes a flow. */
    admit: () => {},
    /** The SYN goes to the flow that was made from it, which answers as before. */
    repeat: () => {},
    /** No room: dropped and counted; the client tries again. */
    refuse: () => {},
  },
})

export const listenerMachine = definition.createMachine({
  id: 'listener',
  context: { backlog: 128, queue: 256, pending: 0, ready: 0 },
  initial: 'OPEN',
  states: {
    OPEN: {
      on: {
        SYN: [
          { guard: 'known', actions: ['repeat'] },
          { guard: and([not('known'), 'hasRoom']), actions: ['count', 'admit'] },
          { actions: ['refuse'] },
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
