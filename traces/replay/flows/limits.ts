/** Where the model `flows` says less of a flow, or something else, than the machine of flows does: there a walk ends. */
import { at } from '../../../checker/text/at.ts'
import type { Flow } from '../../../impl/host/flows/flow.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { confirms, isUnconfirmed } from '../../../spec/worlds/flows/effects.ts'
import {
  carries,
  type FlowsPacket,
  type FlowsWorld,
  OWN,
  SEEN,
  SENT,
  VERSIONS,
} from '../../../spec/worlds/flows/state.ts'
import { isOver } from '../../../spec/worlds/flows/terms.ts'
import type { Ends } from './ends.ts'

/** What a step does: its rule with its arguments, and the packet that arrives. */
export interface Act {
  readonly rule: string
  readonly args: Readonly<Record<string, number>>
  readonly packet?: FlowsPacket | undefined
  /** The packets that the step sends in the model. */
  readonly sent: readonly FlowsPacket[]
  /** The packet is a RST that answers the receiver's SYN. */
  readonly isRefusal: boolean
  /** The packet is a RST that answers what the receiver has sent before it got the last FIN. */
  readonly isOld: boolean
}

const TOLD: ReadonlySet<number> = new Set([SENT.ADVERT, SENT.ECHO])
const AGAIN: ReadonlySet<number> = new Set([SENT.PROOF, SENT.CONFIRM])
const ENDING: ReadonlySet<number> = new Set([SENT.FIN, SENT.FINISHED])

/** Returns why the stack cannot take this step. */
export function limitBefore(
  { rule, args, packet, sent, isRefusal, isOld }: Act,
  before: FlowsWorld,
  ends: Ends,
): string | undefined {
  const { e = 0, f = 0, k = 0 } = args
  if (rule === 'remove' && k === 1) return 'a host removes no flow by a FIN'
  const isWaiting = (end: number, flow: number) => at(at(before.end, end).sees, flow) === SEEN.WAITING
  const isSpent = (end: number, flow: number) =>
    isWaiting(end, flow) && ends.flow(end, flow)?.state.credit === 0
  if (
    (rule === 'timeout' && isSpent(e, f)) ||
    sent.some(p => p.kind === SENT.RST && isSpent(1 - p.to, p.flow))
  )
    return 'a host has sent as much as it may to an address without a proof'
  if (sent.some(p => p.kind === SENT.ASK && at(at(before.end, 1 - p.to).sees, p.flow) === SEEN.LAST))
    return 'an end that has closed last asks by its FIN'
  const joining = sent.some(
    p => p.kind === SENT.RST && at(at(before.end, 1 - p.to).sees, p.flow) === SEEN.JOINING,
  )
  if (joining) return 'a host gives up a join silently'
  const isSecond = packet?.kind === SENT.PROOF || packet?.kind === SENT.ANSWER
  if (
    isSecond &&
    sent.some(({ kind }) => AGAIN.has(kind)) &&
    hasFin(at(at(before.end, packet.to).sees, packet.flow))
  )
    return 'after a FIN no end repeats its part of the handshake'
  if (packet === undefined) return undefined
  const { kind, to, flow } = packet
  const seen = at(at(before.end, to).sees, flow)
  if (kind === SENT.RST && seen === SEEN.JOINING && !isRefusal)
    return 'a join is refused only by an answer to its SYN'
  if (isRefusal && carries(seen)) return 'a repeated SYN of a flow that is connected is refused'
  if (isOld && carries(seen)) return 'a host challenges a reset that answers an old packet'
  return (
    limitOfConfirmation(packet, before) ??
    limitOfVersion(packet, ends) ??
    limitOf(packet, at(before.end, to), ends.flow(to, flow))
  )
}

/** A packet of the accepter confirms the flow that the opener has added. */
function limitOfConfirmation({ kind, to, flow }: FlowsPacket, before: FlowsWorld): string | undefined {
  const { sees, unwanted, wished } = at(before.end, 0)
  const isFirst = to === 0 && at(sees, flow) === SEEN.WAITING
  if (kind === SENT.FIN && isFirst && (unwanted | wished) !== 0) return FIN_BEFORE
  if (to !== 0 || flow !== OWN || !isUnconfirmed(before, OWN) || !carries(at(sees, OWN))) return undefined
  const seen = at(sees, OWN)
  if (confirms(kind) && (seen === SEEN.SHUT || seen === SEEN.LAST))
    return 'a flow that the opener has closed is confirmed by the acknowledgment of its FIN'
  if (kind === SENT.ASK) return 'data confirms a flow too'
  if (ENDING.has(kind) && (unwanted | wished) !== 0) return FIN_BEFORE
  return undefined
}

/** The model's circle of versions is small: what is half of it ahead seems old. */
function limitOfVersion({ kind, to }: FlowsPacket, { connections }: Ends): string | undefined {
  const ahead = at(connections, 1 - to).state.version - at(connections, to).state.peerVersion
  return kind === SENT.ADVERT && ahead >= VERSIONS / 2 ? 'the circle of versions is too small' : undefined
}

const FIN_BEFORE = 'a host hears a FIN before it removes flows because of what the FIN confirms'

/** One end or both have sent their FIN. */
const hasFin = (seen: number): boolean => seen > SEEN.UP && seen <= SEEN.LAST

/** Returns why the stack cannot take a packet as the model does. */
function limitOf(
  { kind, flow, proves }: FlowsPacket,
  end: FlowsWorld['end'][number],
  real: Flow | undefined,
) {
  const seen = at(end.sees, flow)
  const hasEnded = seen === SEEN.GONE || seen === SEEN.DEAD
  if (kind === SENT.SYN && hasEnded && !isOver(end)) return 'a SYN comes for a flow that has ended'
  if (ENDING.has(kind) && seen === SEEN.GONE && real?.connection === CONNECTION.CLOSED)
    return 'a FIN comes again after the end of TIME-WAIT'
  if (kind === SENT.RST && seen === SEEN.LAST) return 'a reset that answers the last FIN is a close'
  if (kind === SENT.FINISHED && seen === SEEN.SHUT)
    return "an acknowledgment does not say that the peer's FIN is lost"
  if (TOLD.has(kind) && proves === 1 && seen === SEEN.WAITING && real?.state.joins === 1)
    return 'what the joiner advertises proves its flow'
  return undefined
}

/** Returns why the states after a step cannot be compared. */
export function limitAfter({ packet }: Act, before: FlowsWorld, ends: Ends): string | undefined {
  if (packet === undefined) return undefined
  const { kind, to, flow } = packet
  const seen = at(at(before.end, to).sees, flow)
  const now = ends.flow(to, flow)?.connection
  if (kind === SENT.FIN && now === CONNECTION.CLOSING) return 'both ends close at once'
  if (TOLD.has(kind) && seen === SEEN.LAST && now === CONNECTION.CLOSED)
    return 'what the peer advertises acknowledges the last FIN'
  return undefined
}
