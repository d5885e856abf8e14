/** The state of a client's host that seeks an instance, beside the flows of the client and of two instances. */
import { bits, type View } from '../../../checker/lower/value.ts'
import { at } from '../../../checker/text/at.ts'
import type { FlowWorld } from '../flow/state.ts'

/** The client's address; the address that stands for the service until the client's host resolves it; the first instance's. */
export const CLIENT = 1
export const SERVICE = 2
export const FIRST = 3
export const ADDRESSES = 4

/** The refusals that the seeker bears: more than there are instances. */
const MOST = 3

export const shapeOf = () => ({
  seeker: { most: MOST, refusals: bits(2), seeker: 0 },
  /** The index of the instance that gets the SYN now. */
  asked: bits(1),
  /** The instances that have refused, as the client's host knows, and those whose host is dead. */
  refused: [bits(1), bits(1)],
  dead: [bits(1), bits(1)],
})

/** More notes of a step for the invariants: the instance (from 1) to which a SYN was led, and the decisions of the seeker. */
export const DID = ['led', 'turned', 'passed', 'ignored'] as const

export type SeekingWorld = FlowWorld &
  View<ReturnType<typeof shapeOf>> & { did: Record<(typeof DID)[number], number> }

/** Returns the index of the next instance that has not refused: of the same one if there is no other. */
export const nextOf = (w: SeekingWorld): number => (at(w.refused, 1 - w.asked) === 0 ? 1 - w.asked : w.asked)
