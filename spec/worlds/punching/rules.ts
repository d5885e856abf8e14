/** The steps of two translators and a relay, and of ends that leave the relay and return to it. */

import { at } from '../../../checker/text/at.ts'
import { RSYN, SYN } from '../../machines/flow/packets.ts'
import { CONNECTION, MIGRATION } from '../../machines/flow/states.ts'
import { range } from '../bounds.ts'
import { acts, receive } from '../flow/effects.ts'
import { type ModelPacket, unpack } from '../flow/packet.ts'
import { packetAt, packetLabel, unheld } from '../flow/rules.ts'
import { ACTED, type Flow, type FlowWorld } from '../flow/state.ts'
import { isLive } from '../flow/terms.ts'
import { can, step } from '../machines.ts'
import type { WorldRule } from '../model.ts'
import { remove } from '../network.ts'
import {
  CLIENT,
  type End,
  isRelayed,
  MOST_RETURNS,
  type PunchingWorld,
  SERVER,
  SHOWN,
  STRANGER,
  TO_CLIENT,
  TO_SERVER,
} from './state.ts'

type Rules = WorldRule<PunchingWorld>[]

const ENDS = ['client', 'server']
/** Whether the translator of the end lets the packet in. */
export const letsIn = (w: PunchingWorld, e: End, p: ModelPacket): boolean =>
  w.filters === 1
    ? p.to === (e.elsewhere === 0 ? e.home : e.elsewhere) &&
      ((p.from === e.peer && e.openToPeer === 1) || (p.from === e.peerElsewhere && e.openElsewhere === 1))
    : p.to === e.home || (p.to === e.elsewhere && (e.openToPeer === 1 || e.openElsewhere === 1))

/** A packet on the direct path that the receiver's translator lets in. */
export const isLetIn = (w: FlowWorld, m: number): boolean =>
  isDirectly(w as PunchingWorld, unpack(w, at(w.net, m)))

export const isDirectly = (w: PunchingWorld, p: ModelPacket): boolean =>
  !isRelayed(p.to) && w.ends.some(e => letsIn(w, e, p))

/** The relay carries a packet to the other end. */
export const carry = (w: PunchingWorld, p: ModelPacket): void => {
  const isForth = p.to === TO_SERVER
  w.did.carriesFrom = isForth ? CLIENT : SERVER
  if (p.kind === SYN) step('relay', w.relaying, 'SYN', { from: CLIENT, to: SERVER, proved: 1 })
  else if (isForth) step('relay', w.relaying, 'FORTH', { from: CLIENT, flow: p.dstFlow })
  else step('relay', w.relaying, 'BACK', { from: SERVER, flow: p.srcFlow, kind: p.kind })
  if (w.did.carriedTo !== 0) receive(w, { ...p, from: shownFrom(p, isForth), to: w.did.carriedTo })
}

/** Returns the sender as the receiver sees it: the relay, or in a move away from it where the relay sees the sender. */
export const shownFrom = (p: ModelPacket, isForth: boolean): number => {
  const isShown = p.kind === RSYN && p.from === SHOWN
  return isForth ? (isShown ? CLIENT : TO_CLIENT) : isShown ? SERVER : TO_SERVER
}

const network = (capacity: number): Rules => [
  {
    name: 'carry',
    kind: 'protocol',
    each: packetAt,
    over: { m: range(capacity) },
    when: (w, { m }) => unheld(w, m) && isRelayed(unpack(w, at(w.net, m)).to),
    take: (w, { m }) => {
      const p = unpack(w, at(w.net, m))
      remove(w, m)
      carry(w, p)
    },
    label: (w, { m }) => `carry ${packetLabel(w, at(w.net, m))}`,
  },
  {
    name: 'block',
    kind: 'protocol',
    over: { m: range(capacity) },
    when: (w, { m }) =>
      unheld(w, m) && !isRelayed(unpack(w, at(w.net, m)).to) && !isDirectly(w, unpack(w, at(w.net, m))),
    take: (w, { m }) => remove(w, m),
    label: (w, { m }) => `block ${packetLabel(w, at(w.net, m))}`,
  },
  {
    name: 'forget',
    kind: 'fault',
    when: w => w.mayForget === 1 && w.flow.every(f => isLive(f) && !isRelayed(f.peer)),
    take: w => {
      w.mayForget = 0
      for (const e of w.ends) {
        e.openToPeer = 0
        e.openElsewhere = 0
      }
    },
    label: () => 'both translators forget the direct path',
  },
  {
    name: 'intrude',
    kind: 'fault',
    over: { f: [0, 1] },
    when: w => w.strangers === 1 && w.relaying.serverFlow !== 0,
    take: (w, { f }) => {
      const { serverFlow } = w.relaying
      w.did.carriesFrom = STRANGER
      if (f === 0) step('relay', w.relaying, 'FORTH', { from: STRANGER, flow: serverFlow })
      else step('relay', w.relaying, 'BACK', { from: STRANGER, flow: serverFlow, kind: RSYN })
    },
    label: () => 'somebody who has seen the flowIDs sends to the relay from an address that is not connected',
  },
  {
    name: 'ask a stranger',
    kind: 'fault',
    when: w => w.strangers === 1 && w.relaying.serverFlow === 0,
    take: w => {
      w.did.carriesFrom = CLIENT
      step('relay', w.relaying, 'SYN', { from: CLIENT, to: STRANGER, proved: 0 })
    },
    label: () => 'the client asks for an instance at an address that is not connected to the relay',
  },
]

/** Moves an end from its address to the same address. */
export const moveFrom = (w: PunchingWorld, f: number, punching: number, following: number): void => {
  const flow = at(w.flow, f)
  const end = at(w.ends, f)
  end.punching = punching
  end.following = following
  end.failed = 0
  acts(w, flow, ACTED.MOVE)
  flow.reached = 0
  step('flow', flow, 'MOVE', { address: flow.home })
}

export const mayMove = (f: Flow): boolean => can('flow', f, 'MOVE', { address: f.home })

/** It hears of a move away from the relay, which shows where the peer is. */
export const hearsPunch = (f: Flow): boolean =>
  f.migration === MIGRATION.RSYN_RECV && isRelayed(f.peer) && !isRelayed(f.nextPeer)

/** It hears of a return to the relay. */
export const hearsReturn = (f: Flow): boolean =>
  f.migration === MIGRATION.RSYN_RECV && !isRelayed(f.peer) && isRelayed(f.nextPeer)

const moving: Rules = [
  {
    name: 'punch',
    kind: 'environment',
    helps: true,
    when: w =>
      at(w.ends, 0).attempts < at(w.ends, 0).most &&
      at(w.ends, 0).failed === 0 &&
      at(w.flow, 0).connection === CONNECTION.CONNECTED &&
      at(w.flow, 0).migration === MIGRATION.INITIAL &&
      isRelayed(at(w.flow, 0).peer) &&
      mayMove(at(w.flow, 0)),
    take: w => {
      at(w.ends, 0).attempts = at(w.ends, 0).attempts + 1
      moveFrom(w, 0, 1, 0)
    },
    label: () => 'the client begins to leave the relay',
  },
  {
    name: 'follow',
    kind: 'protocol',
    when: w =>
      at(w.ends, 1).attempts < at(w.ends, 0).attempts && hearsPunch(at(w.flow, 1)) && mayMove(at(w.flow, 1)),
    take: w => {
      at(w.ends, 1).attempts = at(w.ends, 0).attempts
      moveFrom(w, 1, 1, 1)
    },
    label: () => 'the server follows',
  },
  {
    name: 'follow back',
    kind: 'protocol',
    over: { f: [0, 1] },
    when: (w, { f }) =>
      at(w.ends, f).returns < MOST_RETURNS && hearsReturn(at(w.flow, f)) && mayMove(at(w.flow, f)),
    take: (w, { f }) => {
      at(w.ends, f).returns = at(w.ends, f).returns + 1
      moveFrom(w, f, 0, 1)
    },
    label: (_w, { f }) => `the ${ENDS[f]} returns to the relay as well`,
  },
  {
    name: 'fail',
    kind: 'protocol',
    timer: true,
    over: { f: [0, 1] },
    when: (w, { f }) => at(w.ends, f).punching === 1 && at(w.flow, f).migration !== MIGRATION.INITIAL,
    take: (w, { f }) => {
      at(w.ends, f).punching = 0
      at(w.ends, f).failed = 1
      acts(w, at(w.flow, f), ACTED.GIVEUP)
      at(w.flow, f).reached = 0
      step('flow', at(w.flow, f), 'GIVEUP', { here: 1 })
    },
    label: (_w, { f }) => `the ${ENDS[f]} gives up leaving the relay`,
  },
  {
    name: 'return',
    kind: 'protocol',
    over: { f: [0, 1] },
    when: (w, { f }) => at(w.ends, f).failed === 1 && mayMove(at(w.flow, f)),
    take: (w, { f }) => moveFrom(w, f, 0, 0),
    label: (_w, { f }) => `the ${ENDS[f]} says that it has stayed`,
  },
  {
    name: 'suspect',
    kind: 'environment',
    helps: true,
    over: { f: [0, 1] },
    when: (w, { f }) =>
      at(w.ends, f).returns < MOST_RETURNS &&
      w.flow.every(g => isLive(g)) &&
      at(w.flow, f).migration === MIGRATION.INITIAL &&
      !isRelayed(at(w.flow, f).peer) &&
      (at(w.ends, f).openToPeer === 0 || isTorn(w)) &&
      mayMove(at(w.flow, f)),
    take: (w, { f }) => {
      at(w.ends, f).returns = at(w.ends, f).returns + 1
      moveFrom(w, f, 0, 0)
    },
    label: (_w, { f }) => `the ${ENDS[f]} hears nothing on the direct path`,
  },
]

/** No packet is on its way, and neither end is about to leave the relay or to say that it has stayed. */
export const isStill = (w: PunchingWorld): boolean =>
  w.net.every(packet => packet === 0) &&
  w.ends.every(
    (e, i) => e.failed === 0 && (e.punching === 0 || at(w.flow, i).migration === MIGRATION.INITIAL),
  )

/** One end uses the direct path, the other the relay. */
export const isTorn = (w: PunchingWorld): boolean =>
  isStill(w) &&
  w.flow.every(f => isLive(f) && f.migration === MIGRATION.INITIAL) &&
  w.flow.some(f => isRelayed(f.peer))

/** Nothing answers a move: the end begins it again under a newer version (invariant 65). */
const again: Rules = [
  {
    name: 'begin again',
    kind: 'protocol',
    timer: true,
    over: { f: [0, 1] },
    when: (w, { f }) =>
      at(w.ends, f).returns < MOST_RETURNS &&
      at(w.flow, f).migration !== MIGRATION.INITIAL &&
      isStill(w) &&
      mayMove(at(w.flow, f)),
    take: (w, { f }) => {
      at(w.ends, f).returns = at(w.ends, f).returns + 1
      moveFrom(w, f, 0, 0)
    },
    label: (_w, { f }) => `the ${ENDS[f]} begins its move again`,
  },
  {
    name: 'give up the peer',
    kind: 'protocol',
    timer: true,
    over: { f: [0, 1] },
    when: (w, { f }) => at(w.flow, f).migration === MIGRATION.RSYN_RECV && isStill(w),
    take: (w, { f }) => {
      acts(w, at(w.flow, f), ACTED.GIVEUP)
      step('flow', at(w.flow, f), 'GIVEUP', { here: 1 })
    },
    label: (_w, { f }) => `the ${ENDS[f]} gives up where its peer claimed to be`,
  },
]

export const punchingRules = (capacity: number): Rules => [...network(capacity), ...moving, ...again]
