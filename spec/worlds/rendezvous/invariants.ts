/** Invariants of a rendezvous, and of two ends that can find each other only through it. */
import { at } from '../../../checker/text/at.ts'
import { RSYN, RSYNACK } from '../../machines/flow/packets.ts'
import { CONNECTION } from '../../machines/flow/states.ts'
import { NOT_THE_HOLDER, STALE } from '../../machines/rendezvous/reasons.ts'
import { flowInvariants } from '../flow/invariants/index.ts'
import { agree, everyPair, isAt, isLive, somePair } from '../flow/terms.ts'
import { invariantsOf, type Liveness, type Recoverability, type Safety } from '../invariant.ts'
import type { RendezvousWorld } from './state.ts'

export const bindingsMoveForward: Safety<RendezvousWorld> = {
  id: '26',
  name: 'bindings-move-forward',
  sentence:
    'The rendezvous relays only RSYN and RSYN-ACK, each packet once. A binding changes only by a newer announcement of its holder, or, once its lease has lapsed, of the host that has the address.',
  source: 'ECCP 5',
  holds: (w, was) =>
    (w.did.relayedTo === 0 ||
      (w.did.relayedAgain === 0 && (w.did.relays === RSYN || w.did.relays === RSYNACK))) &&
    w.rendezvous.every((b, i) =>
      b.holder === at(was.rendezvous, i).holder
        ? b.version > at(was.rendezvous, i).version ||
          (b.version === at(was.rendezvous, i).version && b.address === at(was.rendezvous, i).address)
        : at(was.rendezvous, i).rendezvous === 0 && w.did.proved === 1,
    ),
}

export const answeredAnnouncements: Safety<RendezvousWorld> = {
  id: '26b',
  name: 'answered-announcements',
  sentence:
    "The rendezvous leases an announced binding or answers why not. It never takes an announcement for another host's.",
  source: 'ECCP 5',
  holds: (w, was) =>
    w.rendezvous.every(
      (b, i) =>
        w.did.announcer === 0 ||
        w.did.binding !== b.at ||
        (w.did.armed === 1
          ? w.did.refusedFor === 0 &&
            b.rendezvous === 1 &&
            b.holder === w.did.announcer &&
            b.version === w.did.announced
          : w.did.refusedFor === STALE
            ? w.did.announcer === at(was.rendezvous, i).holder &&
              w.did.announced < at(was.rendezvous, i).version
            : w.did.refusedFor === NOT_THE_HOLDER && w.did.announcer !== at(was.rendezvous, i).holder),
    ),
}

export const rendezvousConvergence: Recoverability<RendezvousWorld> = {
  id: '25',
  name: 'rendezvous-convergence',
  sentence:
    'Simultaneous moves converge while the rendezvous is reachable, even when both old addresses are dead.',
  source: 'ECCP 5, defect D5',
  when: w =>
    w.flow.every(
      (f, i) =>
        f.connection === CONNECTION.CONNECTED &&
        (isAt(w, f, f.local) || isAt(w, f, f.nextLocal)) &&
        at(w.rendezvous, i).holder === f.host + 1,
    ) && somePair(w, () => true),
  goal: w =>
    w.flow.every(f => f.connection === CONNECTION.CONNECTED && isAt(w, f, f.local)) &&
    somePair(w, () => true) &&
    everyPair(w, agree),
}

export const rendezvousWhileClosing: Recoverability<RendezvousWorld> = {
  id: '25b',
  name: 'rendezvous-while-closing',
  sentence:
    'Simultaneous moves converge also while one end or both close, even when both old addresses are dead.',
  source: 'simulated run',
  when: w =>
    w.flow.every(
      (f, i) =>
        isLive(f) &&
        (isAt(w, f, f.local) || isAt(w, f, f.nextLocal)) &&
        at(w.rendezvous, i).holder === f.host + 1,
    ) && somePair(w, () => true),
  goal: w =>
    w.flow.every(f => !isLive(f) || isAt(w, f, f.local)) &&
    everyPair(w, (f, g) => !isLive(f) || !isLive(g) || agree(f, g)),
}

export const apartNeverLasts: Liveness<RendezvousWorld> = {
  id: '25',
  name: 'apart-never-lasts',
  sentence:
    'Ends that moved at the same time, to addresses that work, do not stay apart forever while the rendezvous knows both.',
  source: 'ECCP 5, defect D5',
  lasts: w =>
    w.flow.every(
      (f, i) =>
        isLive(f) &&
        (isAt(w, f, f.local) || isAt(w, f, f.nextLocal)) &&
        at(w.rendezvous, i).holder === f.host + 1,
    ) && somePair(w, (f, g) => !agree(f, g) || !isAt(w, f, f.local) || !isAt(w, g, g.local)),
  under: { deliver: 'strong', timeout: 'strong', relay: 'strong', announce: 'weak', lapse: 'finite' },
}

export const rendezvousInvariants = invariantsOf(
  [bindingsMoveForward, answeredAnnouncements],
  [rendezvousConvergence, rendezvousWhileClosing],
  [apartNeverLasts],
)

/** The invariants of flows hold too. Their recoveries do not: they need an address that works. */
export const joinedInvariants = invariantsOf(
  [...flowInvariants.safety, ...rendezvousInvariants.safety],
  rendezvousInvariants.recoveries,
  rendezvousInvariants.liveness,
)
