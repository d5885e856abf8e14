/** A hop with packets that wait, each for one of two services, and a controller: the state, and what the machines do to it. */

import { bits, type View } from '../../../checker/lower/value.ts'
import type { StateOf } from '../../../checker/lower/worldSpec.ts'
import { at } from '../../../checker/text/at.ts'
import { yieldsTo } from '../../machines/resolution/yields.ts'
import { bitsFor } from '../bounds.ts'
import { type EffectsOf, step } from '../machines.ts'
import type { Values } from '../model.ts'

/** Where a packet is: not yet here, in the queue, forwarded, dropped, or released and not yet resolved anew. */
export const PLACE = { OUT: 0, WAITS: 1, ON: 2, GONE: 3, FREED: 4 } as const

/** What the rule for a service says. */
export const RULE = { DELAY: 0, FORWARD: 1, NONE: 2 } as const

/** What the controller's answer says. */
export const ANSWER = { CHANGED: 1, UNKNOWN: 2 } as const

const queueShape = (service: number, cap: number) => ({
  ...{ service, cap },
  // One more than may be, so that it can be seen.
  held: bits(bitsFor(cap + 1)),
  delayQueue: bits(1),
  rule: bits(2, RULE.DELAY),
  /** A question, and an answer, on its way. */
  asked: bits(1),
  answer: bits(2),
})

const packetShape = (id: number, service: number, source: number) => ({
  ...{ id, service, source },
  at: bits(3),
  released: bits(1),
  /** How often it has left the queue, for the invariants. */
  left: bits(2),
})

export type DelayBounds = Values<'first' | 'second' | 'cap' | 'room' | 'loss' | 'crashes' | 'giveUp'>

export const shapeOf = (b: DelayBounds) => ({
  ...{ room: b.room, loss: b.loss, giveUp: b.giveUp },
  forwarder: { mostHops: 1, forwarder: 0 },
  delayQueue: [queueShape(1, b.cap), queueShape(2, b.cap + 1)],
  packet: Array.from({ length: b.first + b.second }, (_, i) =>
    packetShape(i + 1, i < b.first ? 1 : 2, i === 0 ? 1 : 2),
  ),
  /** It is there. */
  controller: bits(1, 1),
  crashes: bits(2),
  mayCrash: b.crashes,
})

/** What a step tells its effects and invariants; zero before each step. */
export const DID = ['service', 'packet', 'known', 'reason', 'ended', 'victim'] as const

export type DelayWorld = View<ReturnType<typeof shapeOf>> & { did: Record<(typeof DID)[number], number> }
type Queue = DelayWorld['delayQueue'][number]
type Waiting = DelayWorld['packet'][number]

/** Packets that wait for a service (0: for any), from the one with index `from` on. */
export const waiting = (w: StateOf<DelayWorld>, service: number, from: number): number =>
  from < w.packet.length
    ? (at(w.packet, from).at === PLACE.WAITS && (service === 0 || at(w.packet, from).service === service)
        ? 1
        : 0) + waiting(w, service, from + 1)
    : 0

/** Packets of a source that wait, from the one with index `from` on. */
export const ofSource = (w: DelayWorld, source: number, from: number): number =>
  from < w.packet.length
    ? (at(w.packet, from).at === PLACE.WAITS && at(w.packet, from).source === source ? 1 : 0) +
      ofSource(w, source, from + 1)
    : 0

/** Whether a packet that waits may make room for one that comes: no place is left, and its source holds as much as any. */
export const makesRoom = (w: DelayWorld, victim: Waiting, p: Waiting): boolean =>
  victim.at === PLACE.WAITS &&
  yieldsTo(ofSource(w, victim.source, 0), ofSource(w, p.source, 0)) &&
  (waiting(w, 0, 0) === w.room ||
    (victim.service === p.service && w.delayQueue.some(q => q.service === p.service && q.held === q.cap)))

/** The packet is resolved by the rule for its service. */
export const resolve = (w: DelayWorld, p: Waiting): void => {
  w.did.packet = p.id
  for (const q of w.delayQueue) {
    if (q.service === p.service) {
      if (q.rule === RULE.FORWARD)
        step('forwarder', w.forwarder, 'FORWARD', { broadcast: 0, visited: 0, hops: 0, to: 1 })
      if (q.rule === RULE.DELAY) step('forwarder', w.forwarder, 'DELAY', { broadcast: 0 })
      if (q.rule === RULE.NONE) step('forwarder', w.forwarder, 'UNMATCHED', { broadcast: 0 })
    }
  }
}

/** The packet that is being resolved goes there; a copy of one that waits leaves that where it is. */
export const put = (w: DelayWorld, place: number): void => {
  for (const p of w.packet) if (p.id === w.did.packet && w.did.known === 0) p.at = place
}

/** The packet leaves the queue. */
export const takeOut = (p: Waiting, place: number): void => {
  p.at = place
  if (p.left < 2) p.left = p.left + 1
}

export const effects = {
  deliver: (): void => {},
  forward: (w: DelayWorld): void => put(w, PLACE.ON),
  refuse: (w: DelayWorld): void => put(w, PLACE.GONE),
  delay: (w: DelayWorld): void => {
    for (const q of w.delayQueue) {
      for (const p of w.packet) {
        if (p.id === w.did.packet && p.service === q.service)
          step('delayQueue', q, 'MISS', {
            released: p.released,
            known: w.did.known,
            room: waiting(w, 0, 0) < w.room ? 1 : 0,
          })
      }
    }
  },
  hold: (w: DelayWorld): void => put(w, PLACE.WAITS),
  ask: (_w: DelayWorld, q: Queue): void => {
    q.asked = 1
  },
  arm: (): void => {},
  release: (w: DelayWorld, q: Queue): void => {
    for (const p of w.packet) {
      if (p.at === PLACE.WAITS && p.service === q.service) {
        takeOut(p, PLACE.FREED)
        p.released = 1
      }
    }
  },
  drop: (w: DelayWorld, _self: unknown, { reason }: { reason: number }): void => {
    w.did.reason = reason
    put(w, PLACE.GONE)
  },
  evict: (w: DelayWorld, _q: Queue, { reason }: { reason: number }): void => {
    w.did.reason = reason
    for (const p of w.packet) if (p.id === w.did.victim) takeOut(p, PLACE.GONE)
  },
  purge: (w: DelayWorld, q: Queue, { reason }: { reason: number }): void => {
    w.did.reason = reason
    for (const p of w.packet) if (p.at === PLACE.WAITS && p.service === q.service) takeOut(p, PLACE.GONE)
  },
} satisfies EffectsOf<'forwarder', DelayWorld, DelayWorld['forwarder']> &
  EffectsOf<'delayQueue', DelayWorld, Queue>
