/** The steps of a rendezvous, and of what surrounds it, in a world with two ends of a flow. */

import { at } from '../../../checker/text/at.ts'
import { CONNECTION } from '../../machines/flow/states.ts'
import { range } from '../bounds.ts'
import { unpack } from '../flow/packet.ts'
import { packetAt, packetLabel, unheld } from '../flow/rules.ts'
import type { Flow, FlowWorld } from '../flow/state.ts'
import { isAt } from '../flow/terms.ts'
import { can, step } from '../machines.ts'
import type { WorldRule } from '../model.ts'
import { remove } from '../network.ts'
import {
  bind,
  isFor,
  NOWHERE,
  RENDEZVOUS,
  type RendezvousWorld,
  relay,
  STRANGE_VERSION,
  STRANGER,
} from './state.ts'

type Rules = WorldRule<RendezvousWorld>[]

const ENDS = ['client', 'server']

/** Returns the host's address, or the one that it moves to. It moves once. */
export const whereabouts = (f: Flow): number => (f.moves === 0 ? f.home : at(f.addresses, 1))

/** Returns a host's announcement after `moves` moves. Each move makes a new version. */
export const announcement = (f: Flow, moves: number) => ({
  holder: f.host + 1,
  version: moves + 1,
  address: moves === 0 ? f.home : at(f.addresses, 1),
  proved: moves === 0 ? 1 : 0,
})

/** True if the packet is for a host. The rendezvous relays or drops the others. */
export const notForRendezvous = (w: FlowWorld, m: number): boolean => unpack(w, at(w.net, m)).to < RENDEZVOUS

const announcing: Rules = [
  {
    name: 'announce',
    kind: 'protocol',
    over: { f: [0, 1] },
    when: (w, { f }) => isAt(w, at(w.flow, f), whereabouts(at(w.flow, f))),
    take: (w, { f }) => bind(w, at(w.rendezvous, f), announcement(at(w.flow, f), at(w.flow, f).moves)),
    label: (_w, { f }) => `the ${ENDS[f]} announces where it is`,
  },
  {
    name: 'announce late',
    kind: 'fault',
    over: { f: [0, 1] },
    when: (w, { f }) => at(w.flow, f).moves > 0,
    take: (w, { f }) => bind(w, at(w.rendezvous, f), announcement(at(w.flow, f), 0)),
    label: (_w, { f }) => `where the ${ENDS[f]} was is announced late`,
  },
  {
    name: 'usurp',
    kind: 'fault',
    over: { b: [0, 1], proved: [0, 1] },
    when: (w, { b, proved }) =>
      w.mayUsurp === 1 && (proved === 0 || w.owner[at(w.rendezvous, b).at] === NOWHERE),
    take: (w, { b, proved }) =>
      bind(w, at(w.rendezvous, b), {
        holder: STRANGER,
        version: STRANGE_VERSION,
        address: at(w.rendezvous, b).other,
        proved: proved,
      }),
    label: (_w, { b, proved }) =>
      `a stranger ${proved === 1 ? 'who has the address' : 'who has it not'} announces that it is the ${ENDS[b]}`,
  },
  {
    name: 'lapse',
    kind: 'fault',
    over: { b: [0, 1] },
    when: (w, { b }) => can('rendezvous', at(w.rendezvous, b), 'EXPIRE'),
    take: (w, { b }) => {
      w.did.binding = at(w.rendezvous, b).at
      step('rendezvous', at(w.rendezvous, b), 'EXPIRE')
    },
    label: (_w, { b }) => `the lease of the ${ENDS[b]} ends`,
  },
]

export const relayAt = (w: RendezvousWorld, m: number): void => {
  const p = unpack(w, at(w.net, m))
  remove(w, m)
  for (const b of w.rendezvous) if (isFor(b, p.to)) relay(w, b, p)
}

const relaying = (capacity: number): Rules => [
  {
    name: 'relay',
    kind: 'protocol',
    each: packetAt,
    over: { m: range(capacity) },
    when: (w, { m }) => unheld(w, m) && unpack(w, at(w.net, m)).to >= RENDEZVOUS,
    take: (w, { m }) => relayAt(w, m),
    label: (w, { m }) => `relay ${packetLabel(w, at(w.net, m))}`,
  },
  {
    name: 'stray',
    kind: 'fault',
    over: { m: range(capacity), b: [0, 1] },
    when: (w, { m, b }) => unheld(w, m) && unpack(w, at(w.net, m)).to === at(w.rendezvous, b).at,
    take: (w, { m, b }) => {
      const p = unpack(w, at(w.net, m))
      remove(w, m)
      relay(w, at(w.rendezvous, b), { ...p, to: at(w.rendezvous, b).alias })
    },
    label: (w, { m }) => `${packetLabel(w, at(w.net, m))} strays to the rendezvous`,
  },
]

const cutting: Rules = [
  {
    name: 'cut',
    kind: 'environment',
    when: w => w.owner[1] !== NOWHERE && w.flow.every(f => f.connection === CONNECTION.CONNECTED),
    take: w => {
      w.owner[1] = NOWHERE
      w.owner[3] = NOWHERE
    },
    label: () => 'the addresses where both began are dead',
  },
]

export const rendezvousRules = (capacity: number): Rules => [...announcing, ...relaying(capacity), ...cutting]
