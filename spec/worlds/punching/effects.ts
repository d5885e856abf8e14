/** Carries out the machines' effects in a world with translators and a relay. */
import { type Packet, RSYN, RSYNACK } from '../../machines/flow/packets.ts'
import { relay } from '../../machines/relay/compiled.ts'
import { effects, isProvedAt, mayProve, noteSent } from '../flow/effects.ts'
import { pack } from '../flow/packet.ts'
import type { Beside } from '../flow/scene.ts'
import { ACTED, type Flow } from '../flow/state.ts'
import { isTruthful } from '../flow/truth.ts'
import type { EffectsOf } from '../machines.ts'
import { insert } from '../network.ts'
import { CLIENT, DID, isRelayed, type PunchingWorld, SHOWN, shapeOf, TO_CLIENT, TO_SERVER } from './state.ts'

/** A packet that leaves for another address than the relay's opens the translator for answers from there. */
export const opens = (w: PunchingWorld, f: Flow, to: number): void => {
  for (const e of w.ends) {
    if (e.nonce === f.nonce && to === e.peer) e.openToPeer = 1
    if (e.nonce === f.nonce && to === e.peerElsewhere && to !== 0) e.openElsewhere = 1
  }
}

export const punches = (w: PunchingWorld, f: Flow): boolean =>
  w.ends.some(e => e.nonce === f.nonce && e.punching === 1)

export const follows = (w: PunchingWorld, f: Flow): boolean =>
  w.ends.some(e => e.nonce === f.nonce && e.following === 1)

/** The direct path may be dead: a repeated packet of a move, and the first one of an end that follows, go to the relay as well. */
export const asksRelay = (w: PunchingWorld, f: Flow, p: Packet): boolean =>
  (p.kind === RSYN || p.kind === RSYNACK) &&
  !punches(w, f) &&
  !isRelayed(p.to) &&
  (w.did.event === ACTED.TIMEOUT || (w.did.event === ACTED.MOVE && follows(w, f)))

/** Returns where an end reaches its peer through the relay. */
export const relayOf = (f: Flow): number => (f.home === CLIENT ? TO_SERVER : TO_CLIENT)

type Effects = Pick<EffectsOf<'flow', PunchingWorld, Flow>, 'transmit'> &
  Omit<EffectsOf<'relay', PunchingWorld, PunchingWorld['relaying']>, 'arm'>

export const beside = (given: Parameters<typeof shapeOf>[0]): Beside => ({
  shape: shapeOf(given),
  did: DID,
  machines: { relay },
  effects: {
    transmit: (w: PunchingWorld, f: Flow, p: Packet): void => {
      opens(w, f, p.to)
      if (p.kind === RSYN && isRelayed(p.to) && punches(w, f)) {
        if (!isTruthful(w, f, p)) w.did.untrue = 1
        noteSent(w, f, p)
        insert(w, pack(w, { ...p, from: SHOWN, proof: 0 }))
      } else effects.transmit(w, f, p)
      if (asksRelay(w, f, p)) {
        const proof = mayProve(p.kind) && isProvedAt(w, f, p.from) ? 1 : 0
        insert(w, pack(w, { ...p, to: relayOf(f), challenge: 0, proof }))
      }
    },
    carry: (w: PunchingWorld, _r: PunchingWorld['relaying'], { to }: { to: number }): void => {
      w.did.carriedTo = to
    },
    drop: (w: PunchingWorld, _r: PunchingWorld['relaying'], { reason }: { reason: number }): void => {
      w.did.droppedFor = reason
    },
  } satisfies Effects,
})
