/** Flow slots, at rest but for what a model needs, and the options of its network. */
import type { NetworkBound } from '../bounds.ts'
import type { Values } from '../model.ts'
import type { FlowSlot, Options } from './state.ts'

export const networkOptions = (
  b: Values<NetworkBound>,
): Pick<Options, 'capacity' | 'ordered' | 'loss' | 'duplication'> => ({
  capacity: b.capacity,
  ordered: 1 - b.reordering,
  loss: b.loss,
  duplication: b.duplication,
})

/** Version numbers start near the end of the circle, so that they wrap around on the way. */
const FIRST_VERNO = 14

/** A flow slot. Its flowID is its nonce unless told. */
export const slot = (
  given: Partial<FlowSlot> & Pick<FlowSlot, 'name' | 'role' | 'host' | 'nonce' | 'home'>,
): FlowSlot => ({
  id: given.nonce,
  iss: FIRST_VERNO,
  addresses: [given.home],
  target: 0,
  moves: 0,
  data: 0,
  closes: 0,
  aborts: 0,
  answers: 0,
  epoch: 0,
  offers: 0,
  token: 0,
  keys: 0,
  outside: 0,
  ...given,
})
