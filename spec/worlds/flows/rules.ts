/** What applications, timers, the network and an attacker do next. */

import { at } from '../../../checker/text/at.ts'
import { ENDED } from '../../machines/connection/reasons.ts'
import { range } from '../bounds.ts'
import { can, step } from '../machines.ts'
import type { WorldRule } from '../model.ts'
import { hasRoom, insert, isFirst, remove } from '../network.ts'
import { carryOut, down, drop, heed, isUnconfirmed, receive, send } from './effects.ts'
import {
  ACTED,
  bit,
  carries,
  ENDS_OF,
  FLOWS,
  type FlowsWorld,
  OWN,
  pack,
  SEEN,
  SENT,
  SENT_NAMES,
  unpack,
} from './state.ts'
import { isDead, isOpen, isOver, isUp, isUsed } from './terms.ts'

type Rule = WorldRule<FlowsWorld>

const WHO = ['opener', 'accepter']
export const packetLabel = (p: number): string => {
  const { kind, flow, to, version, proves } = unpack(p)
  const about = kind === SENT.ADVERT || kind === SENT.ECHO ? ` ${version}` : ''
  return `${SENT_NAMES[kind]}${about} of flow ${flow} to the ${WHO[to]}${proves === 1 ? '' : ' forged'}`
}

export const packetAt = (w: FlowsWorld, { m }: { m: number }): number => at(w.net, m)

/** A step counts only if the network has room for what it sends, and the path is not dead. */
export const inRoom = (w: FlowsWorld, { e, f }: { e: number; f: number }): number =>
  hasRoom(w) && !isDead(w, f) ? 4 * e + f + 1 : 0

const network = (capacity: number): Rule[] => [
  {
    name: 'deliver',
    kind: 'protocol',
    over: { m: range(capacity) },
    each: packetAt,
    when: (w, { m }) => isFirst(w, m),
    take: (w, { m }) => {
      const p = unpack(at(w.net, m))
      remove(w, m)
      receive(w, p)
    },
    label: (w, { m }) => `deliver ${packetLabel(at(w.net, m))}`,
  },
  {
    name: 'lose',
    kind: 'fault',
    over: { m: range(capacity) },
    when: (w, { m }) => w.loss === 1 && isFirst(w, m),
    take: (w, { m }) => remove(w, m),
    label: (w, { m }) => `lose ${packetLabel(at(w.net, m))}`,
  },
  {
    name: 'duplicate',
    kind: 'fault',
    over: { m: range(capacity) },
    when: (w, { m }) => w.duplication === 1 && isFirst(w, m) && hasRoom(w),
    take: (w, { m }) => insert(w, at(w.net, m)),
    label: (w, { m }) => `duplicate ${packetLabel(at(w.net, m))}`,
  },
]

const paths: Rule[] = [
  {
    name: 'path dies',
    kind: 'fault',
    over: { f: FLOWS },
    // Something is left: another flow is up, or one joins when the only one that is up ends.
    when: (w, { f }) =>
      w.mayDie === 1 &&
      w.dead === 0 &&
      isUsed(w, f) &&
      FLOWS_LEFT.some(g => g !== f && (isUp(w, g) || (isUp(w, f) && isUsed(w, g)))),
    take: (w, { f }) => {
      if (isUp(w, f)) w.cut = FLOWS_LEFT.some(g => g !== f && isUp(w, g)) ? 1 : 2
      w.dead = bit(f)
      for (let m = 0; m < w.net.length; m++)
        if (unpack(at(w.net, w.net.length - 1 - m)).flow === f && at(w.net, w.net.length - 1 - m) !== 0)
          remove(w, w.net.length - 1 - m)
    },
    label: (_w, { f }) => `the path of flow ${f} dies`,
  },
  {
    name: 'move',
    kind: 'environment',
    over: { f: FLOWS },
    // Of a move it shows that the flow works again, which another move may end.
    when: (w, { f }) => w.mayMove === 1 && isDead(w, f) && isUp(w, f),
    take: w => {
      w.dead = 0
      w.cut = 0
    },
    label: (_w, { f }) => `flow ${f} moves to another path`,
  },
]

export const FLOWS_LEFT = FLOWS

/** Whether the opener's transport can use the flow. */
export const canSend = (w: FlowsWorld, f: number): boolean =>
  (at(w.end, 0).live & bit(f)) !== 0 &&
  (at(at(w.end, 0).sees, f) === SEEN.UP || at(at(w.end, 0).sees, f) === SEEN.GOT)

/** A backup only while no other flow works. */
export const maySend = (w: FlowsWorld, f: number): boolean =>
  canSend(w, f) &&
  (((at(w.end, 0).backups | at(w.end, 0).spared) & bit(f)) === 0 ||
    !FLOWS_LEFT.some(
      g => canSend(w, g) && ((at(w.end, 0).backups | at(w.end, 0).spared) & bit(g)) === 0 && !isDead(w, g),
    ))

const applications: Rule[] = [
  {
    name: 'add',
    kind: 'environment',
    over: { e: ENDS_OF, k: [0, 1] },
    when: (w, { e, k }) => e < w.mayAdd && (k === 0 || e < w.mayMark) && !isOver(at(w.end, e)),
    take: (w, { e, k }) => {
      // Each end has one place for a flow of its own.
      const place = at(at(w.end, e).sees, e + 1) === SEEN.NONE ? bit(e + 1) : 0
      step('connection', at(w.end, e), 'ADD', { flow: place, backup: k })
      carryOut(w, e)
    },
    label: (_w, { e, k }) => `the ${WHO[e]} adds a ${k === 1 ? 'backup' : 'flow'}`,
  },
  {
    name: 'mark',
    kind: 'environment',
    over: { e: ENDS_OF, f: FLOWS, k: [0, 1] },
    when: (w, { e, f, k }) =>
      w.mayMark > e &&
      // The first flow becomes a backup, or one that joined as a backup is none any more.
      (k === 1 ? f === 0 && at(w.end, e).version === 0 : at(w.end, e).version === 1) &&
      isOpen(at(w.end, e)) &&
      (at(w.end, e).live & bit(f)) !== 0 &&
      ((at(w.end, e).backups & bit(f)) !== 0) === (k === 0),
    take: (w, { e, f, k }) => {
      step('connection', at(w.end, e), 'MARK', { flow: bit(f), backup: k })
      carryOut(w, e)
    },
    label: (_w, { e, f, k }) => `the ${WHO[e]} makes flow ${f} ${k === 1 ? 'a backup' : 'no backup'}`,
  },
  {
    name: 'remove',
    kind: 'environment',
    over: { e: ENDS_OF, f: FLOWS, k: [0, 1] },
    when: (w, { e, f, k }) =>
      k < w.mayRemove && at(w.end, e).removed === 0 && (at(w.end, e).live & bit(f)) !== 0,
    take: (w, { e, f, k }) => {
      w.did.end = e + 1
      w.did.event = ACTED.REMOVE
      step('connection', at(w.end, e), 'REMOVE', { flow: bit(f) })
      if (w.did.rejected === 0) at(w.end, e).removed = 1
      drop(w, e, k)
    },
    label: (_w, { e, f, k }) => `the ${WHO[e]} removes flow ${f}${k === 1 ? ' by a FIN' : ''}`,
  },
  {
    name: 'keep',
    kind: 'environment',
    over: { e: ENDS_OF, f: FLOWS },
    when: (w, { e, f }) => e < w.mayKeep && isOpen(at(w.end, e)) && (at(w.end, e).unwanted & bit(f)) !== 0,
    take: (w, { e, f }) => {
      step('connection', at(w.end, e), 'KEEP', { flows: bit(f) })
      carryOut(w, e)
      heed(w, e)
    },
    label: (_w, { e, f }) => `the ${WHO[e]} keeps flow ${f}`,
  },
  {
    name: 'change',
    kind: 'environment',
    over: { e: ENDS_OF },
    when: (w, { e }) => w.mayChange > e && at(w.end, e).version === 0 && isOpen(at(w.end, e)),
    take: (w, { e }) => {
      at(w.end, e).place = 1 - at(w.end, e).place
      step('connection', at(w.end, e), 'CHANGE')
      carryOut(w, e)
    },
    label: (_w, { e }) => `the addresses of the ${WHO[e]} change`,
  },
  {
    name: 'close',
    kind: 'environment',
    helps: true,
    over: { e: ENDS_OF },
    when: (w, { e }) =>
      e < w.mayClose &&
      (w.closed & bit(e)) === 0 &&
      !isOver(at(w.end, e)) &&
      (w.hasData === 0 || w.delivered === 1 || e === 1),
    take: (w, { e }) => {
      w.closed = w.closed | bit(e)
      step('connection', at(w.end, e), 'CLOSE')
      carryOut(w, e)
    },
    label: (_w, { e }) => `the ${WHO[e]} closes`,
  },
  {
    name: 'abort',
    kind: 'environment',
    over: { e: ENDS_OF },
    when: (w, { e }) => w.mayAbort === 1 && !isOver(at(w.end, e)),
    take: (w, { e }) => {
      w.aborted = 1
      w.did.end = e + 1
      w.did.event = ACTED.ABORT
      step('connection', at(w.end, e), 'ABORT')
      carryOut(w, e)
    },
    label: (_w, { e }) => `the ${WHO[e]} aborts`,
  },
  {
    name: 'ask',
    kind: 'environment',
    helps: true,
    over: { e: ENDS_OF, f: FLOWS },
    // Only where the peer has ended the flow: elsewhere nothing would follow.
    when: (w, { e, f }) =>
      hasRoom(w) &&
      !isDead(w, f) &&
      carries(at(at(w.end, e).sees, f)) &&
      at(at(w.end, 1 - e).sees, f) >= SEEN.GONE,
    take: (w, { e, f }) => send(w, e, SENT.ASK, f),
    label: (_w, { e, f }) => `the ${WHO[e]} sends on flow ${f}`,
  },
  {
    name: 'send',
    kind: 'protocol',
    over: { f: FLOWS },
    // A flow with timeouts carries nothing new while another one has none.
    when: (w, { f }) => w.hasData === 1 && w.delivered === 0 && w.carrier === 0 && maySend(w, f),
    take: (w, { f }) => {
      w.did.event = ACTED.SEND
      w.did.flow = f
      w.carrier = f + 1
      send(w, 0, SENT.DATA, f)
    },
    label: (_w, { f }) => `the opener sends data on flow ${f}`,
  },
]

/** The packet that a flow repeats in this state. */
export const repeatedIn = (seen: number, owesData: boolean): number =>
  seen === SEEN.JOINING
    ? SENT.SYN
    : seen === SEEN.WAITING
      ? SENT.ANSWER
      : seen === SEEN.SHUT || seen === SEEN.LAST
        ? SENT.FIN
        : owesData && carries(seen)
          ? SENT.DATA
          : 0

export const repeated = (w: FlowsWorld, e: number, f: number): number =>
  owesProof(w, e, f)
    ? SENT.PROOF
    : repeatedIn(at(at(w.end, e).sees, f), e === 0 && w.carrier === f + 1 && w.delivered === 0)

/**
 * The opener repeats the proof of its flow until the accepter shows that it has it. While the accepter has no proof, its repeated
 * answer brings about the same.
 */
export const owesProof = (w: FlowsWorld, e: number, f: number): boolean =>
  e === 0 &&
  f === OWN &&
  at(at(w.end, 0).sees, f) === SEEN.UP &&
  carries(at(at(w.end, 1).sees, f)) &&
  isUnconfirmed(w, f)

const timers: Rule[] = [
  {
    name: 'timeout',
    kind: 'protocol',
    timer: true,
    over: { e: ENDS_OF, f: FLOWS },
    each: inRoom,
    when: (w, { e, f }) => repeated(w, e, f) !== 0,
    take: (w, { e, f }) => send(w, e, repeated(w, e, f), f),
    label: (_w, { e, f }) => `the timer of flow ${f} of the ${WHO[e]}`,
  },
  {
    name: 'retry',
    kind: 'protocol',
    timer: true,
    over: { e: ENDS_OF },
    when: (w, { e }) => can('connection', at(w.end, e), 'RETRY') && hasRoom(w),
    take: (w, { e }) => {
      step('connection', at(w.end, e), 'RETRY')
      carryOut(w, e)
    },
    label: (_w, { e }) => `the ${WHO[e]} advertises again`,
  },
  {
    name: 'give up',
    kind: 'protocol',
    timer: true,
    over: { e: ENDS_OF, f: FLOWS },
    // Whatever a flow of a dead path owes ends it, and an accepter without a proof frees the place.
    when: (w, { e, f }) =>
      (isDead(w, f) && (repeated(w, e, f) !== 0 || carries(at(at(w.end, e).sees, f)))) ||
      (at(at(w.end, e).sees, f) === SEEN.WAITING && at(at(w.end, 1 - e).sees, f) >= SEEN.GONE),
    take: (w, { e, f }) => down(w, e, f, ENDED.TIMED_OUT),
    label: (_w, { e, f }) => `the ${WHO[e]} gives up flow ${f}`,
  },
]

/** What somebody without the keys sends. */
const forging: Rule[] = [
  {
    name: 'forge',
    kind: 'fault',
    over: { e: ENDS_OF, k: [SENT.SYN, SENT.ADVERT, SENT.ECHO], v: [1, 2] },
    when: w => w.mayForge === 1,
    take: (w, { e, k, v }) =>
      receive(w, {
        ...{ kind: k, flow: k === SENT.SYN ? 2 - e : 0, to: e },
        ...{ version: v, wishes: 1, place: 1, proves: 0, backups: 1, named: 1 },
      }),
    label: (_w, { e, k, v }) =>
      `forge ${packetLabel(pack({ kind: k as number, flow: 0, to: e as number, version: v as number, wishes: 1, place: 1, proves: 0, backups: 1, named: 1 }))}`,
  },
]

export const flowsRules = (capacity: number): readonly Rule[] => [
  ...network(capacity),
  ...paths,
  ...applications,
  ...timers,
  ...forging,
]
