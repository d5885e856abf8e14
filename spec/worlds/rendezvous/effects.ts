/** Carries out the machines' effects in a world with a rendezvous. */
import { type Packet, RSYN, RSYNACK } from '../../machines/flow/packets.ts'
import { rendezvous } from '../../machines/rendezvous/compiled.ts'
import { effects, isProvedAt, mayProve, noteSent } from '../flow/effects.ts'
import { pack, unpack } from '../flow/packet.ts'
import type { Beside } from '../flow/scene.ts'
import { ACTED, type Flow } from '../flow/state.ts'
import { isAt } from '../flow/terms.ts'
import type { EffectsOf } from '../machines.ts'
import { insert } from '../network.ts'
import { type Binding, DID, MARK, NOWHERE, RENDEZVOUS, type RendezvousWorld, shapeOf } from './state.ts'

/** Sends a copy of the packet to the rendezvous, for the end that was at its destination. */
export const askElsewhere = (w: RendezvousWorld, f: Flow, p: Packet): void => {
  const proof = mayProve(p.kind) && isProvedAt(w, f, p.from) ? 1 : 0
  for (const b of w.rendezvous) if (b.at === p.to) insert(w, pack(w, { ...p, to: b.alias, proof }))
}

/** The flow's handler of `arm` also arms the lease's timer. */
type Effects = Pick<EffectsOf<'flow', RendezvousWorld, Flow>, 'transmit'> &
  Omit<EffectsOf<'rendezvous', RendezvousWorld, Binding>, 'arm'>

export const beside = (stranger: number): Beside => ({
  shape: shapeOf(stranger),
  did: DID,
  machines: { rendezvous },
  effects: {
    /**
     * Packets from or to a dead address are lost. A retransmitted RSYN or RSYN-ACK also goes to the rendezvous.
     */
    transmit: (w: RendezvousWorld, f: Flow, p: Packet): void => {
      if (isAt(w, f, p.from)) {
        if (w.owner[p.to] === NOWHERE) noteSent(w, f, p)
        else effects.transmit(w, f, p)
        if (w.did.event === ACTED.TIMEOUT && (p.kind === RSYN || p.kind === RSYNACK)) askElsewhere(w, f, p)
      } else noteSent(w, f, p)
    },
    relay: (w: RendezvousWorld, _b: Binding, { to }: { to: number }): void => {
      w.did.relayedTo = to
      const p = unpack(w, w.did.packed)
      insert(w, pack(w, { ...p, to: to >= RENDEZVOUS ? to + MARK : to }))
    },
    refuse: (w: RendezvousWorld, _b: Binding, { reason }: { reason: number }): void => {
      w.did.refusedFor = reason
    },
    drop: (w: RendezvousWorld, _b: Binding, { reason }: { reason: number }): void => {
      w.did.reason = reason
    },
  } satisfies Effects,
})
