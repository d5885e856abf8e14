/** What may happen next at a hop whose packets wait. */

import { at } from '../../../checker/text/at.ts'
import { range } from '../bounds.ts'
import { can, step } from '../machines.ts'
import type { WorldRule } from '../model.ts'
import { ANSWER, type DelayBounds, type DelayWorld, makesRoom, PLACE, RULE, resolve } from './state.ts'

const packetRules = (packets: readonly number[]): WorldRule<DelayWorld>[] => [
  {
    name: 'arrive',
    kind: 'environment',
    over: { p: packets },
    when: (w, { p }) => at(w.packet, p).at === PLACE.OUT,
    take: (w, { p }) => resolve(w, at(w.packet, p)),
    label: (_w, { p }) => `packet ${p + 1} arrives`,
  },
  {
    name: 'displace',
    kind: 'environment',
    over: { p: packets, v: packets },
    when: (w, { p, v }) => at(w.packet, p).at === PLACE.OUT && makesRoom(w, at(w.packet, v), at(w.packet, p)),
    take: (w, { p, v }) => {
      w.did.victim = at(w.packet, v).id
      for (const q of w.delayQueue) if (q.service === at(w.packet, v).service) step('delayQueue', q, 'YIELD')
      resolve(w, at(w.packet, p))
    },
    label: (_w, { p, v }) => `packet ${p + 1} arrives, and packet ${v + 1} makes room`,
  },
  {
    name: 'repeat',
    kind: 'environment',
    over: { p: packets },
    when: (w, { p }) => at(w.packet, p).at === PLACE.WAITS,
    take: (w, { p }) => {
      w.did.known = 1
      resolve(w, at(w.packet, p))
    },
    label: (_w, { p }) => `packet ${p + 1} arrives again`,
  },
  // One after the other: after one verdict a program may send another packet, which waits before the next is resolved.
  {
    name: 'resume',
    kind: 'protocol',
    over: { p: packets },
    when: (w, { p }) => at(w.packet, p).at === PLACE.FREED,
    take: (w, { p }) => resolve(w, at(w.packet, p)),
    label: (_w, { p }) => `packet ${p + 1} is resolved anew`,
  },
]

/** What happens on the way to the controller and back. */
const questions = (queues: readonly number[]): WorldRule<DelayWorld>[] => [
  {
    name: 'answer',
    kind: 'protocol',
    over: { q: queues, rule: [RULE.DELAY, RULE.FORWARD, RULE.NONE] },
    // An assumption says that an answer comes, and not what it says.
    each: (_w, { q }) => q + 1,
    // One that leaves the rule as it is comes from a controller whose rule was changed back meanwhile.
    when: (w, { q }) => w.controller === 1 && at(w.delayQueue, q).asked === 1,
    take: (w, { q, rule }) => {
      at(w.delayQueue, q).asked = 0
      at(w.delayQueue, q).answer = rule === RULE.NONE ? ANSWER.UNKNOWN : ANSWER.CHANGED
      if (rule === RULE.FORWARD) at(w.delayQueue, q).rule = RULE.FORWARD
    },
    label: (_w, { q, rule }) => `the controller ${['keeps', 'sets', 'does not know'][rule]} service ${q + 1}`,
  },
  {
    name: 'receive',
    kind: 'protocol',
    over: { q: queues },
    when: (w, { q }) => at(w.delayQueue, q).answer !== 0,
    take: (w, { q }) => {
      const queue = at(w.delayQueue, q)
      const answer = queue.answer
      w.did.service = queue.service
      queue.answer = 0
      w.did.ended = 1
      if (answer === ANSWER.CHANGED) step('delayQueue', queue, 'ANSWERED')
      else step('delayQueue', queue, 'UNANSWERED')
    },
    label: (w, { q }) =>
      `the answer for service ${q + 1} arrives: ${at(w.delayQueue, q).answer === ANSWER.CHANGED ? 'changed' : 'unknown'}`,
  },
  {
    name: 'lose question',
    kind: 'fault',
    over: { q: queues },
    when: (w, { q }) => w.loss === 1 && at(w.delayQueue, q).asked === 1,
    take: (w, { q }) => {
      at(w.delayQueue, q).asked = 0
    },
    label: (_w, { q }) => `the question for service ${q + 1} is lost`,
  },
  {
    name: 'lose answer',
    kind: 'fault',
    over: { q: queues },
    when: (w, { q }) => w.loss === 1 && at(w.delayQueue, q).answer !== 0,
    take: (w, { q }) => {
      at(w.delayQueue, q).answer = 0
    },
    label: (_w, { q }) => `the answer for service ${q + 1} is lost`,
  },
]

const timers = (queues: readonly number[]): WorldRule<DelayWorld>[] => [
  {
    name: 'timeout',
    kind: 'protocol',
    timer: true,
    over: { q: queues },
    when: (w, { q }) => can('delayQueue', at(w.delayQueue, q), 'TIMEOUT'),
    take: (w, { q }) => {
      w.did.service = at(w.delayQueue, q).service
      step('delayQueue', at(w.delayQueue, q), 'TIMEOUT')
    },
    label: (_w, { q }) => `timeout of service ${q + 1}`,
  },
  {
    name: 'give up',
    kind: 'fault',
    over: { q: queues },
    when: (w, { q }) => w.giveUp === 1 && can('delayQueue', at(w.delayQueue, q), 'GIVEUP'),
    take: (w, { q }) => {
      w.did.service = at(w.delayQueue, q).service
      w.did.ended = 1
      step('delayQueue', at(w.delayQueue, q), 'GIVEUP')
    },
    label: (_w, { q }) => `give up service ${q + 1}`,
  },
]

const controller: WorldRule<DelayWorld>[] = [
  {
    name: 'crash',
    kind: 'fault',
    when: w => w.controller === 1 && w.crashes < w.mayCrash,
    take: w => {
      w.controller = 0
      w.crashes = w.crashes + 1
      for (const q of w.delayQueue) {
        q.asked = 0
        q.answer = 0
      }
    },
    label: () => 'the controller is gone',
  },
  {
    name: 'restart',
    kind: 'environment',
    when: w => w.controller === 0,
    take: w => {
      w.controller = 1
    },
    label: () => 'the controller is back',
  },
  {
    name: 'notice',
    kind: 'protocol',
    when: w => w.controller === 0 && w.delayQueue.some(q => can('delayQueue', q, 'LOST')),
    take: w => {
      for (const q of w.delayQueue) step('delayQueue', q, 'LOST')
    },
    label: () => 'the hop learns that the controller is gone',
  },
]

/** Somebody changes a rule, and tells nobody. */
const operator = (queues: readonly number[]): WorldRule<DelayWorld>[] => [
  {
    name: 'set rule',
    kind: 'environment',
    over: { q: queues, rule: [RULE.DELAY, RULE.FORWARD, RULE.NONE] },
    when: (w, { q, rule }) => at(w.delayQueue, q).rule !== rule,
    take: (w, { q, rule }) => {
      at(w.delayQueue, q).rule = rule
    },
    label: (_w, { q, rule }) => `the rule for service ${q + 1} says ${['delay', 'forward', 'nothing'][rule]}`,
  },
]

export const rulesOf = (b: DelayBounds): WorldRule<DelayWorld>[] => {
  const queues = [0, 1]
  return [
    ...packetRules(range(b.first + b.second)),
    ...questions(queues),
    ...timers(queues),
    ...controller,
    ...operator(queues),
  ]
}
