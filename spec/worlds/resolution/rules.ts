/** The steps of packets between hops, and changes of the hops' tables. */

import { at } from '../../../checker/text/at.ts'
import { matches, mayDecide } from '../../machines/resolution/resolve.ts'
import { range } from '../bounds.ts'
import type { WorldRule } from '../model.ts'
import { hasRoom, isFirst, remove } from '../network.ts'
import { type Path, packPath, unpackPath } from './path.ts'
import {
  asked,
  decide,
  EVERYBODY,
  type Hop,
  KEYED,
  leave,
  notes,
  type ResolutionBounds,
  type ResolutionWorld,
  RULES,
  WANTED,
} from './state.ts'

type Rules = WorldRule<ResolutionWorld>[]

const HOPS = ['client', 'near', 'far', 'first', 'second']
/** `2>3 for 10 via 1,2`: a packet as traces show it. */
export const pathText = (packet: number): string => {
  const { from, to, service, sources } = unpackPath(packet)
  const via = sources.filter(source => source !== 0)
  return `${from}>${to} for ${service.toString(2)}${via.length > 0 ? ` via ${via.join(',')}` : ''}`
}

export const isMatched = (h: Hop, service: number): boolean => h.rule.some(r => matches(r, asked(service)))

/** A packet before its first hop. */
export const fresh = (h: Hop, service: number): Path => ({
  from: h.address,
  to: 0,
  service,
  sources: [0, 0, 0, 0, 0],
})

/** True if a hop receives the packet: it is addressed to the hop, or broadcast by another one. */
export const comesTo = (h: Hop, p: Path): boolean =>
  p.to === h.address || (p.to === EVERYBODY && p.from !== h.address)

/** A broadcast packet stays in the network for the other hops. */
export const take = (w: ResolutionWorld, m: number): void => {
  if (unpackPath(at(w.net, m)).to !== EVERYBODY) remove(w, m)
}

const connecting: Rules = [
  {
    name: 'connect',
    kind: 'environment',
    over: { s: [WANTED, KEYED], r: range(RULES) },
    when: (w, { s, r }) =>
      w.connects < w.mayConnect &&
      hasRoom(w) &&
      mayDecide(at(w.forwarder, 0).rule, at(at(w.forwarder, 0).rule, r), asked(s)),
    take: (w, { s, r }) => {
      const h = at(w.forwarder, 0)
      w.connects = w.connects + 1
      const p = fresh(h, s)
      notes(w, h, packPath(p))
      decide(w, h, at(h.rule, r), p)
    },
    label: (_w, { s, r }) => `connect to ${s.toString(2)} by rule ${r + 1}`,
  },
  {
    name: 'connect in vain',
    kind: 'environment',
    over: { s: [WANTED, KEYED] },
    when: (w, { s }) => w.connects < w.mayConnect && !isMatched(at(w.forwarder, 0), s),
    take: (w, { s }) => {
      const h = at(w.forwarder, 0)
      w.connects = w.connects + 1
      const p = fresh(h, s)
      notes(w, h, packPath(p))
      leave(w, h, p)
    },
    label: (_w, { s }) => `connect to ${s.toString(2)} without a rule`,
  },
]

const onTheWay = (capacity: number): Rules => [
  {
    name: 'deliver',
    kind: 'protocol',
    over: { m: range(capacity), f: range(HOPS.length), r: range(RULES) },
    when: (w, { m, f, r }) =>
      isFirst(w, m) &&
      comesTo(at(w.forwarder, f), unpackPath(at(w.net, m))) &&
      mayDecide(
        at(w.forwarder, f).rule,
        at(at(w.forwarder, f).rule, r),
        asked(unpackPath(at(w.net, m)).service),
      ),
    take: (w, { m, f, r }) => {
      const h = at(w.forwarder, f)
      const packet = at(w.net, m)
      take(w, m)
      notes(w, h, packet)
      decide(w, h, at(h.rule, r), unpackPath(packet))
    },
    label: (w, { m, f, r }) => `deliver ${pathText(at(w.net, m))} to ${HOPS[f]} by rule ${r + 1}`,
  },
  {
    name: 'deliver in vain',
    kind: 'protocol',
    over: { m: range(capacity), f: range(HOPS.length) },
    when: (w, { m, f }) =>
      isFirst(w, m) &&
      comesTo(at(w.forwarder, f), unpackPath(at(w.net, m))) &&
      !isMatched(at(w.forwarder, f), unpackPath(at(w.net, m)).service),
    take: (w, { m, f }) => {
      const packet = at(w.net, m)
      take(w, m)
      notes(w, at(w.forwarder, f), packet)
      leave(w, at(w.forwarder, f), unpackPath(packet))
    },
    label: (w, { m, f }) => `deliver ${pathText(at(w.net, m))} to ${HOPS[f]} without a rule`,
  },
  {
    name: 'fade',
    kind: 'protocol',
    over: { m: range(capacity) },
    when: (w, { m }) => isFirst(w, m) && unpackPath(at(w.net, m)).to === EVERYBODY,
    take: (w, { m }) => remove(w, m),
    label: (w, { m }) => `everybody has heard ${pathText(at(w.net, m))}`,
  },
  {
    name: 'lose',
    kind: 'fault',
    over: { m: range(capacity) },
    when: (w, { m }) => w.loss === 1 && isFirst(w, m) && unpackPath(at(w.net, m)).to !== EVERYBODY,
    take: (w, { m }) => remove(w, m),
    label: (w, { m }) => `lose ${pathText(at(w.net, m))}`,
  },
]

/** Returns the number of rules that are out of the tables, from the one at (h, r) on. */
export const takenOut = (w: ResolutionWorld, h: number, r: number): number =>
  h < w.forwarder.length
    ? r < at(w.forwarder, h).rule.length
      ? (at(at(w.forwarder, h).rule, r).target !== 0 && at(at(w.forwarder, h).rule, r).weight === 0 ? 1 : 0) +
        takenOut(w, h, r + 1)
      : takenOut(w, h + 1, 0)
    : 0

const changing: Rules = [
  {
    name: 'take out',
    kind: 'environment',
    over: { f: range(HOPS.length), r: range(RULES) },
    when: (w, { f, r }) =>
      at(at(w.forwarder, f).rule, r).target !== 0 &&
      at(at(w.forwarder, f).rule, r).weight === 1 &&
      takenOut(w, 0, 0) < w.mayChange,
    take: (w, { f, r }) => {
      at(at(w.forwarder, f).rule, r).weight = 0
    },
    label: (_w, { f, r }) => `take rule ${r + 1} out of ${HOPS[f]}`,
  },
  {
    name: 'put back',
    kind: 'environment',
    over: { f: range(HOPS.length), r: range(RULES) },
    when: (w, { f, r }) =>
      at(at(w.forwarder, f).rule, r).target !== 0 && at(at(w.forwarder, f).rule, r).weight === 0,
    take: (w, { f, r }) => {
      at(at(w.forwarder, f).rule, r).weight = 1
    },
    label: (_w, { f, r }) => `put rule ${r + 1} back into ${HOPS[f]}`,
  },
]

export const rulesOf = ({ capacity }: ResolutionBounds): Rules => [
  ...connecting,
  ...onTheWay(capacity),
  ...changing,
]
