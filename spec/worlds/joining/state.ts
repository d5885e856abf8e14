/** The state of an end that flows join: the machine of its connection, whose first flow is not in the model. */
import { bits, startedAt, type View } from '../../../checker/lower/value.ts'
import { CONNECTION } from '../../machines/flow/states.ts'
import { type Flow, type FlowWorld, ROLE } from '../flow/state.ts'

/** The bit of the connection's first flow. Those of the slots follow from their nonces. */
export const FIRST_FLOW = 4

/** The joiner's nonce. */
export const JOINER = 1

/** An address of an attacker, and the nonce that it makes up. */
export const STRANGER = 4
export const STRANGE_NONCE = 4

/** Returns the bit of a flow that joins at the accepter. */
export const bitOf = (f: Flow): number => f.nonce - 1

/** `mayEnd` 1: both ends may close the connection. */
export const shapeOf = (mayEnd: number) => ({
  mayEnd,
  /** 1: a flow that the joiner's SYN began has opened. */
  spent: bits(1),
  end: {
    ...{ space: 2, opener: 0, version: bits(1), owed: bits(1), peerVersion: bits(1), wished: bits(3) },
    flows: bits(2),
    backups: bits(2),
    spared: bits(2),
    finished: bits(1),
    heard: bits(1),
    pending: bits(2),
    live: startedAt(3, FIRST_FLOW),
    confirmed: bits(3),
    unwanted: bits(3),
  },
})

export const DID = ['welcomed', 'knownJoin', 'rejected', 'copies'] as const

export type JoiningWorld = View<ReturnType<typeof shapeOf>> &
  Omit<FlowWorld, 'did'> & { did: FlowWorld['did'] & Record<(typeof DID)[number], number> }

/** Handshakes in progress that the SYN of this joiner has begun. */
export const copiesOf = (w: { flow: readonly Flow[] }, joiner: number): number => {
  let copies = 0
  for (const f of w.flow)
    if (f.role === ROLE.CHILD && f.connection === CONNECTION.RESPOND && f.peerNonce === joiner)
      copies = copies + 1
  return copies
}
