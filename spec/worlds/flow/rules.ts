/** The rules of every model: what applications, timers and the network may do next. */

import { at } from '../../../checker/text/at.ts'
import { overlaps } from '../../machines/flow/capabilities.ts'
import { DATA, KINDS } from '../../machines/flow/packets.ts'
import { CONNECTION, MIGRATION } from '../../machines/flow/states.ts'
import { range } from '../bounds.ts'
import { can, step } from '../machines.ts'
import type { WorldRule } from '../model.ts'
import { hasRoom, insert, isFirst, remove } from '../network.ts'
import { acts, flowIdFor, receive } from './effects.ts'
import { unpack } from './packet.ts'
import { ACTED, type Flow, type FlowSlot, type FlowWorld, type Options, ROLE } from './state.ts'
import { isAt, isLive, isMoving, owesFin } from './terms.ts'

type FlowRule = WorldRule<FlowWorld>

/** `RSYN 2>3 v14`: what people and traces call a packet, whatever its place in the network. */
export const packetLabel = (w: FlowWorld, packet: number): string => {
  const p = unpack(w, packet)
  const version = p.kind === DATA ? ` #${p.verno}` : ` v${p.verno} a${p.ackno}`
  const marks = `${p.fin === 1 ? '+FIN' : ''}${w.flow.some(f => f.nonce === p.nonce) ? '' : ' forged'}`
  return `${KINDS[p.kind]}${marks} ${p.from}>${p.to} flow ${p.srcFlow}>${p.dstFlow}${version} n${p.nonce}${p.proof === 1 ? ' proof' : ''}${p.challenge === 1 ? ' challenge' : ''}${p.echo === 1 ? ' echo' : ''}`
}

/** Nothing to the same destination is older: what an ordered network delivers next. */
export const isOldest = (w: FlowWorld, m: number): boolean =>
  w.net.every((p, i) => i >= m || unpack(w, p).to !== unpack(w, at(w.net, m)).to)

export const unheld = (w: FlowWorld, m: number): boolean =>
  isFirst(w, m) && (w.ordered === 0 || isOldest(w, m))

/** Not to a service, which has to be resolved first. */
export const isBound = (w: FlowWorld, m: number): boolean =>
  w.service === 0 || unpack(w, at(w.net, m)).to !== w.service

/**
 * The packet at `m`. A strong assumption about a rule with this `each` means that a packet which is in the network again
 * and again is not lost each time.
 */
export const packetAt = (w: FlowWorld, { m }: { m: number }): number => at(w.net, m)

/**
 * Counts a step of flow `f` only if the network has room for what it sends, because a full network loses it. A strong
 * assumption means that the network is not full each time.
 */
export const inRoom = (w: FlowWorld, { f }: { f: number }): number => (hasRoom(w) ? f + 1 : 0)

const network = (capacity: number): FlowRule[] => [
  {
    name: 'deliver',
    kind: 'protocol',
    over: { m: range(capacity) },
    each: packetAt,
    when: (w, { m }) => unheld(w, m) && isBound(w, m),
    take: (w, { m }) => {
      const p = unpack(w, at(w.net, m))
      remove(w, m)
      receive(w, p)
    },
    label: (w, { m }) => `deliver ${packetLabel(w, at(w.net, m))}`,
  },
  {
    name: 'lose',
    kind: 'fault',
    over: { m: range(capacity) },
    when: (w, { m }) => w.loss === 1 && isFirst(w, m),
    take: (w, { m }) => remove(w, m),
    label: (w, { m }) => `lose ${packetLabel(w, at(w.net, m))}`,
  },
  {
    name: 'duplicate',
    kind: 'fault',
    over: { m: range(capacity) },
    when: (w, { m }) => w.duplication === 1 && isFirst(w, m) && hasRoom(w),
    take: (w, { m }) => insert(w, at(w.net, m)),
    label: (w, { m }) => `duplicate ${packetLabel(w, at(w.net, m))}`,
  },
]

const opening = (flows: readonly number[]): FlowRule[] => [
  {
    name: 'listen',
    kind: 'environment',
    helps: true,
    over: { f: flows },
    when: (w, { f }) => at(w.flow, f).role === ROLE.LISTENER && at(w.flow, f).connection === CONNECTION.INIT,
    take: (w, { f }) => step('flow', at(w.flow, f), 'LISTEN'),
  },
  {
    name: 'connect',
    kind: 'environment',
    over: { f: flows },
    when: (w, { f }) =>
      at(w.flow, f).role === ROLE.CLIENT && at(w.flow, f).connection === CONNECTION.INIT && isOpen(w),
    take: (w, { f }) => beginConnect(w, f),
  },
  {
    name: 'shut',
    kind: 'environment',
    over: { f: flows },
    when: (w, { f }) =>
      at(w.flow, f).role === ROLE.LISTENER &&
      at(w.flow, f).mayClose === 1 &&
      at(w.flow, f).connection === CONNECTION.LISTEN,
    take: (w, { f }) => {
      step('flow', at(w.flow, f), 'CLOSE')
      step('listener', w.listener, 'CLOSE')
    },
  },
  {
    name: 'accept',
    kind: 'environment',
    helps: true,
    over: { f: flows },
    when: (w, { f }) =>
      at(w.flow, f).role === ROLE.LISTENER && w.hasListener === 1 && can('listener', w.listener, 'ACCEPT'),
    take: w => step('listener', w.listener, 'ACCEPT'),
  },
]

/**
 * A host restarts, and keeps nothing of the flow but the secret from which its reset token follows. A peer that has not been
 * told the token would repeat its packets until it gives up.
 */
const restarting = (flows: readonly number[]): FlowRule[] => [
  {
    name: 'restart',
    kind: 'fault',
    over: { f: flows },
    when: (w, { f }) =>
      isLive(at(w.flow, f)) &&
      w.flow.some(g => g.nonce === at(w.flow, f).peerNonce && g.peerToken === at(w.flow, f).token),
    take: (w, { f }) => forget(w, at(w.flow, f)),
  },
]

/** From now on only its token speaks for the flow. */
export const forget = (w: FlowWorld, f: Flow): void => {
  w.did.restarted = f.nonce
  f.connection = CONNECTION.CLOSED
  f.migration = MIGRATION.INITIAL
  f.localNonce = f.token
  f.peerFlow = 0
  f.peerNonce = 0
  f.peerToken = 0
  f.local = 0
  f.peer = 0
  f.nextLocal = 0
  f.nextPeer = 0
  f.formerPeer = 0
  f.sndNxt = 0
  f.rcvNxt = 0
  f.credit = 0
  f.claimed = 0
  f.capabilities = 0
  f.joins = 0
  f.owed = 0
}

/** Before anything happens, an end turns out to be a prototype. */
const aging = (flows: readonly number[]): FlowRule[] => [
  {
    name: 'prototype',
    kind: 'environment',
    over: { f: flows },
    when: (w, { f }) => at(w.flow, f).offers > 0 && w.flow.every(g => g.connection === CONNECTION.INIT),
    take: (w, { f }) => {
      at(w.flow, f).offers = 0
    },
  },
]

/** In a prompt world clients wait until the service is there. Elsewhere their timers help them. */
export const isOpen = (w: FlowWorld): boolean =>
  w.prompt === 0 || w.flow.every(f => f.role !== ROLE.LISTENER || f.connection !== CONNECTION.INIT)

/** A client's flow begins. */
export const beginConnect = (w: FlowWorld, f: number): void => {
  const flow = at(w.flow, f)
  acts(w, flow, ACTED.CONNECT)
  const id = flowIdFor(w, flow)
  if (id !== 0)
    step('flow', flow, 'CONNECT', {
      flow: id,
      nonce: flow.nonce,
      verno: flow.iss,
      from: flow.home,
      to: flow.target,
      capabilities: flow.offers,
      joins: flow.keys,
    })
}

const application = (flows: readonly number[], addresses: readonly number[]): FlowRule[] => [
  {
    name: 'send',
    kind: 'environment',
    over: { f: flows },
    when: (w, { f }) =>
      at(w.flow, f).sent < at(w.flow, f).maySend &&
      can('flow', at(w.flow, f), 'SEND', { here: isHere(w, at(w.flow, f)) }),
    take: (w, { f }) => {
      const flow = at(w.flow, f)
      acts(w, flow, ACTED.SEND)
      step('flow', flow, 'SEND', { here: isHere(w, flow) })
      flow.sent = flow.sent + 1
    },
  },
  {
    name: 'move',
    kind: 'environment',
    over: { f: flows, a: addresses },
    when: (w, { f, a }) => mayMoveTo(w, f, a) && can('flow', at(w.flow, f), 'MOVE', { address: a }),
    take: (w, { f, a }) => {
      const flow = at(w.flow, f)
      acts(w, flow, ACTED.MOVE)
      flow.reached = 0
      step('flow', flow, 'MOVE', { address: a })
      flow.moves = flow.moves + 1
    },
  },
  {
    name: 'close',
    kind: 'environment',
    helps: true,
    over: { f: flows },
    when: (w, { f }) =>
      at(w.flow, f).mayClose === 1 && isHeld(w, at(w.flow, f)) && can('flow', at(w.flow, f), 'CLOSE'),
    take: (w, { f }) => {
      acts(w, at(w.flow, f), ACTED.CLOSE)
      step('flow', at(w.flow, f), 'CLOSE')
    },
  },
  {
    name: 'abort',
    kind: 'environment',
    over: { f: flows },
    when: (w, { f }) =>
      at(w.flow, f).mayAbort === 1 && isHeld(w, at(w.flow, f)) && can('flow', at(w.flow, f), 'ABORT'),
    take: (w, { f }) => {
      acts(w, at(w.flow, f), ACTED.ABORT)
      step('flow', at(w.flow, f), 'ABORT')
    },
  },
]

/** Somebody has the flow and can close it: an application, or for a handshake in progress the listener that shuts. */
export const isHeld = (w: FlowWorld, f: Flow): boolean =>
  f.role !== ROLE.CHILD ||
  f.connection !== CONNECTION.RESPOND ||
  (w.hasListener === 1 && w.listener.listener === 1)

/**
 * What would be repeated forever, for want of anybody to answer: where flowIDs are used again, a SYN that finds no room and a FIN whose flow is gone while another has its flowID; and what is owed to a
 * peer that is gone, when another host has its address.
 */
export const mayExpire = (w: FlowWorld, f: Flow): boolean =>
  (w.hasListener === 1 &&
    f.migration === MIGRATION.INITIAL &&
    (f.connection === CONNECTION.REQUEST || owesFin(f) || f.connection === CONNECTION.FINWAIT2)) ||
  (f.owed !== 0 &&
    w.flow.some(
      g =>
        g.nonce === f.peerNonce &&
        g.connection === CONNECTION.CLOSED &&
        g.addresses.some(a => a === f.peer && w.owner[a] !== g.host),
    ))

/** 1 if the host has the flow's address. */
export const isHere = (w: FlowWorld, f: Flow): number => (isAt(w, f, f.local) ? 1 : 0)

/** Nothing has answered the move, and the path before it is still there: the timer's last time comes after seconds. */
export const mayGoBack = (w: FlowWorld, f: Flow): boolean =>
  isMoving(f) && overlaps(f.capabilities) && isAt(w, f, f.local) && f.nextLocal !== f.local

/** An address of the flow's host that it is not at, nor on its way to. */
export const mayMoveTo = (w: FlowWorld, f: number, address: number): boolean => {
  const flow = at(w.flow, f)
  return (
    flow.mayMove > 0 &&
    (isAt(w, flow, address) || address === w.dead) &&
    flow.moves < flow.mayMove &&
    (flow.migration === MIGRATION.INITIAL || flow.migration === MIGRATION.RSYN_RECV
      ? flow.local !== address
      : flow.nextLocal !== address)
  )
}

/** An end gives up a move that nothing has answered within seconds. */
const goBack = (flows: readonly number[]): FlowRule => ({
  name: 'go back',
  kind: 'protocol',
  timer: true,
  over: { f: flows },
  when: (w, { f }) => mayGoBack(w, at(w.flow, f)),
  take: (w, { f }) => {
    acts(w, at(w.flow, f), ACTED.GIVEUP)
    at(w.flow, f).reached = 0
    step('flow', at(w.flow, f), 'GIVEUP', { here: 1 })
  },
})

/** The peer counts as dead. The host counts the questions; only the machine knows whether one is open. */
const dead = (flows: readonly number[]): FlowRule => ({
  name: 'dead',
  kind: 'fault',
  over: { f: flows },
  when: (w, { f }) => w.giveUp === 1 && at(w.flow, f).connection === CONNECTION.FINWAIT2,
  take: (w, { f }) => {
    acts(w, at(w.flow, f), ACTED.DEAD)
    step('flow', at(w.flow, f), 'DEAD')
  },
})

const timers = (flows: readonly number[]): FlowRule[] => [
  {
    name: 'timeout',
    kind: 'protocol',
    timer: true,
    over: { f: flows },
    each: inRoom,
    when: (w, { f }) => at(w.flow, f).owed !== 0 && can('flow', at(w.flow, f), 'TIMEOUT'),
    take: (w, { f }) => {
      acts(w, at(w.flow, f), ACTED.TIMEOUT)
      step('flow', at(w.flow, f), 'TIMEOUT')
    },
  },
  {
    name: 'give up',
    kind: 'fault',
    over: { f: flows },
    when: (w, { f }) =>
      w.giveUp === 1 &&
      at(w.flow, f).owed !== 0 &&
      can('flow', at(w.flow, f), 'GIVEUP', { here: isHere(w, at(w.flow, f)) }),
    take: (w, { f }) => {
      acts(w, at(w.flow, f), ACTED.GIVEUP)
      step('flow', at(w.flow, f), 'GIVEUP', { here: isHere(w, at(w.flow, f)) })
    },
  },
  dead(flows),
  goBack(flows),
  {
    name: 'expire',
    kind: 'protocol',
    timer: true,
    over: { f: flows },
    each: inRoom,
    when: (w, { f }) => can('flow', at(w.flow, f), 'EXPIRE'),
    take: (w, { f }) => {
      acts(w, at(w.flow, f), ACTED.EXPIRE)
      step('flow', at(w.flow, f), 'EXPIRE')
    },
  },
  {
    name: 'unanswered',
    kind: 'protocol',
    timer: true,
    over: { f: flows },
    // The timer's last time, so it has to be running.
    when: (w, { f }) => mayExpire(w, at(w.flow, f)) && can('flow', at(w.flow, f), 'TIMEOUT'),
    take: (w, { f }) => {
      acts(w, at(w.flow, f), ACTED.GIVEUP)
      step('flow', at(w.flow, f), 'GIVEUP', { here: isHere(w, at(w.flow, f)) })
    },
  },
]

/** All rules of a model with these flows. Who acts is named in traces by the flow's name. */
export const rulesOf = (
  slots: readonly FlowSlot[],
  { capacity, widths, prototypes, restarts }: Options,
): FlowRule[] => {
  const all = range(slots.length)
  const flows = all.filter(i => at(slots, i).role !== ROLE.LISTENER)
  const named = (rule: FlowRule): FlowRule => ({
    ...rule,
    label: (_w, { f, a }) =>
      [rule.name, at(slots, f).name, ...(a === undefined ? [] : [`to ${a}`])].join(' '),
  })
  return [
    ...network(capacity),
    ...[
      ...opening(all),
      ...application(
        flows,
        range(widths.addresses).map(a => a + 1),
      ),
      ...timers(flows),
      ...(prototypes === 1 ? aging(flows) : []),
      ...(restarts === 1 ? restarting(flows) : []),
    ].map(named),
  ]
}
