/** One way in which things may stand with a flow, and what may happen next in it. */

import { at } from '../../checker/text/at.ts'
import { common, SEVERAL_FLOWS } from '../../spec/machines/flow/capabilities.ts'
import type { FlowEffect, FlowState } from '../../spec/machines/flow/compiled.ts'
import type { FlowEvent } from '../../spec/machines/flow/events.ts'
import {
  ACK,
  DATA,
  FIN,
  KINDS,
  type Packet,
  RST,
  RSYN,
  RSYNACK,
  SYN,
  SYNACK,
} from '../../spec/machines/flow/packets.ts'
import { CONNECTION, MIGRATION } from '../../spec/machines/flow/states.ts'
import { flowStep } from '../../spec/machines/flow/step.ts'
import type { Seen } from './observed.ts'

/** A packet that the machine has sent, and that the capture must show next. */
export interface Owed {
  readonly packet: Packet
  /** The packet that it answers, or that it goes along with. */
  readonly because: Seen
  /** An ended flow answers as often as a limit allows. */
  readonly isOptional: boolean
}

export interface Configuration {
  readonly state: FlowState
  /** The number of packets of the inbox that the host has taken. */
  readonly taken: number
  readonly owed: readonly Owed[]
  /** Of a flow that does not exist yet: how a listener that kept nothing of the SYN has answered it. */
  readonly answer?: Accept
}

export type Accept = Extract<FlowEvent, { readonly type: 'ACCEPT' }>

type InternalType = 'MOVE' | 'SEND' | 'CLOSE' | 'ABORT' | 'TIMEOUT' | 'GIVEUP' | 'EXPIRE' | 'DEAD'

/** Events inside a host, by the kind of packet that it sends first because of them. */
const VISIBLE: Readonly<Record<number, readonly InternalType[]>> = {
  [SYN]: ['TIMEOUT'],
  [SYNACK]: ['TIMEOUT'],
  [ACK]: ['TIMEOUT'],
  [RSYN]: ['MOVE', 'CLOSE', 'TIMEOUT', 'GIVEUP', 'EXPIRE'],
  [RSYNACK]: ['CLOSE', 'TIMEOUT'],
  [FIN]: ['CLOSE', 'TIMEOUT', 'EXPIRE'],
  [RST]: ['ABORT', 'CLOSE'],
  [DATA]: ['SEND'],
}

/** Events that may happen without a packet. */
const SILENT: readonly InternalType[] = ['GIVEUP', 'EXPIRE', 'DEAD', 'CLOSE', 'ABORT']

/** Returns the event of a packet that has come. */
export const eventOf = ({ kind, joins, proves, ...fields }: Seen): FlowEvent => ({
  type: at(KINDS, kind) as Exclude<(typeof KINDS)[number], ''>,
  ...fields,
  proves: joins === 1 ? proves : 0,
})

interface Stepped {
  readonly state: FlowState
  readonly sent: readonly Packet[]
  readonly isTaken: boolean
}

/** A step of the machine; `state` is left as it is. */
export function step(state: FlowState, event: FlowEvent): Stepped {
  const after = { ...state }
  const [effects, fired] = [[] as FlowEffect[], [] as number[]]
  flowStep().step(after, event, effects, fired)
  const sent = effects.flatMap(effect => (effect.type === 'transmit' ? [effect.params] : []))
  return { state: after, sent, isTaken: fired.length > 0 }
}

export const initial = (): FlowState => flowStep().initial()

/** Whether a packet that was seen is one that the machine sends. Data has flowIDs and addresses only. */
export function matches(sent: Packet, seen: Seen): boolean {
  if (sent.kind !== seen.kind || !seen.isProper) return false
  if (sent.from !== seen.from || sent.to !== seen.to) return false
  if (sent.srcFlow !== seen.srcFlow || sent.dstFlow !== seen.dstFlow) return false
  if (sent.kind === DATA) return true
  const { verno, ackno, nonce, fin, service, capabilities, tells, challenge, echo, joins } = sent
  return (
    verno === seen.verno &&
    ackno === seen.ackno &&
    nonce === seen.nonce &&
    fin === seen.fin &&
    service === seen.service &&
    capabilities === seen.capabilities &&
    tells === seen.tells &&
    challenge === seen.challenge &&
    echo === seen.echo &&
    joins === seen.joins
  )
}

/** Timers run for what is owed only. */
const mayHappen = (type: InternalType, state: FlowState): boolean =>
  (type !== 'TIMEOUT' && type !== 'GIVEUP') || state.owed !== 0

/** A capture shows whether a host has the flow's address only by what leaves from there. */
const internal = (type: InternalType, address: number, here: number): FlowEvent => {
  if (type === 'MOVE') return { type, address }
  return type === 'SEND' || type === 'GIVEUP' ? { type, here } : { type }
}

/** Returns the ACK in which the connection of an open flow that does not move advertises, or echoes. */
function newsIn({ connection, migration, ...state }: FlowState): Packet | undefined {
  const isLive = connection >= CONNECTION.CONNECTED && connection <= CONNECTION.LASTACK
  if (!isLive || migration !== MIGRATION.INITIAL || (state.capabilities & SEVERAL_FLOWS) === 0)
    return undefined
  return {
    ...{ kind: ACK, fin: 0, service: 0, capabilities: 0, tells: 0, challenge: 0, echo: state.held },
    ...{ verno: state.sndNxt, ackno: state.rcvNxt, srcFlow: state.localFlow, dstFlow: state.peerFlow },
    ...{ nonce: state.localNonce, from: state.local, to: state.peer, joins: state.joins },
  }
}

const isNews = ({ advertises, echoes }: Seen): boolean => advertises !== undefined || echoes !== undefined

/** Returns the configurations after an event inside the host that sends `seen` first. */
export function* actsThatSend(c: Configuration, seen: Seen): Generator<Configuration> {
  if (isNews(seen)) {
    const news = newsIn(c.state)
    if (news !== undefined && matches(news, seen)) yield c
    return
  }
  for (const type of VISIBLE[seen.kind] ?? []) {
    if (!mayHappen(type, c.state)) continue
    const { state, sent } = step(c.state, internal(type, seen.from, 1))
    const [first, ...rest] = sent
    if (first === undefined || !matches(first, seen)) continue
    yield {
      state,
      taken: c.taken,
      owed: rest.map(packet => ({ packet, because: seen, isOptional: false })),
    }
  }
}

/** What an event inside the host would send first; `address` is where a move would go. */
export function* couldSend({ state, owed }: Configuration, address: number): Generator<Packet> {
  if (owed.length > 0) {
    yield at(owed, 0).packet
    return
  }
  for (const type of new Set(Object.values(VISIBLE).flat())) {
    if (!mayHappen(type, state)) continue
    const [first] = step(state, internal(type, address, 1)).sent
    if (first !== undefined) yield first
  }
}

/** Returns the configurations after an event inside the host that sends nothing. */
export function* silentActs(c: Configuration): Generator<Configuration> {
  for (const type of SILENT) {
    if (!mayHappen(type, c.state)) continue
    const { state, sent, isTaken } = step(c.state, internal(type, 0, 0))
    if (isTaken && sent.length === 0) yield { ...c, state }
  }
}

/** What stands after the host has taken the packet: where nobody can tell whom it takes it to be from, both. */
export function* afterReceiving(c: Configuration, received: Seen): Generator<Configuration> {
  if (c.answer !== undefined) {
    yield* afterConfirming(c, c.answer, received)
    return
  }
  yield afterTaking(c, received, received.from)
  if (received.relayedFrom === undefined) return
  if (received.relayedFrom === 0) yield { ...c, taken: c.taken + 1 }
  else yield afterTaking(c, received, received.relayedFrom)
}

/** A flow that does not exist hears nothing. Its listener may answer a SYN again, and may take an ACK for the confirmation. */
function* afterConfirming(c: Configuration, answer: Accept, received: Seen): Generator<Configuration> {
  const taken = c.taken + 1
  yield { ...c, taken }
  if (received.kind === SYN) {
    const owed = step(c.state, answer).sent.map(packet => ({ packet, because: received, isOptional: true }))
    yield { ...c, taken, owed: [...c.owed, ...owed] }
  }
  if (received.kind !== ACK || received.service !== 1 || received.from !== answer.from) return
  const capabilities = common(answer.capabilities, received.capabilities)
  const { token } = received
  const { state, sent } = step(c.state, { ...answer, type: 'CONFIRM', to: received.to, capabilities, token })
  const owed = sent.map(packet => ({ packet, because: received, isOptional: false }))
  if (state.sndNxt === received.ackno && state.rcvNxt === received.verno)
    yield { state, taken, owed: [...c.owed, ...owed] }
}

function afterTaking(c: Configuration, received: Seen, from: number): Configuration {
  const taken = c.taken + 1
  const isGone = c.state.connection === CONNECTION.CLOSED
  // The SYN of an ended flow belongs to the listener.
  if (isGone && received.kind === SYN) return { ...c, taken }
  const { state, sent } = step(c.state, eventOf({ ...received, from }))
  const isOptional = isGone && received.mayBeIgnored
  const owed = sent.map(packet => ({ packet, because: received, isOptional }))
  return { state, taken, owed: [...c.owed, ...owed] }
}

/** The same for the same. */
export const keyOf = ({ state, taken, owed }: Configuration): string =>
  `${Object.values(state).join()} ${taken} ${owed.map(({ packet }) => Object.values(packet).join()).join(' ')}`
