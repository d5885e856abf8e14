/** Moves of a peer that lies about its address. */
import { notBefore } from '../../../machines/flow/serial.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import type { Safety } from '../../invariant.ts'
import type { FlowWorld } from '../state.ts'
import { actor, isValidating } from '../terms.ts'

const { TIMEWAIT } = CONNECTION

/** Of the end that completes, whatever its peer claims. */
export const ownVersionOnly: Safety<FlowWorld> = {
  id: '17b',
  name: 'own-version-only',
  sentence: "Only a packet of the newest version completes the peer's move, also from a peer that lies.",
  source: 'RFC 9000 8.2.3',
  holds: (w, was) =>
    actor(
      w,
      was,
      (f, g) =>
        !isValidating(g) ||
        isValidating(f) ||
        w.did.kind === 0 ||
        f.connection >= TIMEWAIT ||
        notBefore(w.did.verno, g.rcvNxt, g.space),
    ),
}
