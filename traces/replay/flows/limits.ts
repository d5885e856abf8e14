/** A walk ends where the model `flows` says less of a flow than the machine of flows does, or something else. */
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

/** A step of the model: its rule and arguments, the packet that arrives, and those that it sends. */
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
export function limitBefore(act: Act, before: FlowsWorld, ends: Ends): string | undefined {
  const { packet } = act
  if (act.rule === 'remove' && act.args.k === 1) return 'a host removes no flow by a FIN'
  return (
    limitOfSending(act, before, ends) ??
    (packet &&
      (limitOfReset(act, packet, before) ??
        limitOfConfirmation(packet, before) ??
        limitOfVersion(packet, ends) ??
        limitOf(packet, at(before.end, packet.to), ends.flow(packet.to, packet.flow))))
  )
}

/** What the model sends, and a host does not. */
function limitOfSending(
  { rule, args, packet, sent }: Act,
  before: FlowsWorld,
  ends: Ends,
): string | undefined {
  const sees = (e: number, f: number): number => at(at(before.end, e).sees, f)
  const isSpent = (e: number, f: number): boolean =>
    sees(e, f) === SEEN.WAITING && ends.flow(e, f)?.state.credit === 0
  const { e = 0, f = 0 } = args
  if (rule === 'timeout' && isSpent(e, f)) return SPENT
  for (const { kind, to, flow } of sent) {
    const seen = sees(1 - to, flow)
    if (kind === SENT.RST && isSpent(1 - to, flow)) return SPENT
    if (kind === SENT.RST && seen === SEEN.JOINING) return 'a host gives up a join silently'
    if (kind === SENT.ASK && seen === SEEN.LAST) return 'an end that has closed last asks by its FIN'
    const isAgain = packet?.kind === SENT.PROOF || packet?.kind === SENT.ANSWER
    if (isAgain && AGAIN.has(kind) && hasFin(seen))
      return 'after a FIN no end repeats its part of the handshake'
  }
  return undefined
}

function limitOfReset(
  { isRefusal, isOld }: Act,
  { kind, to, flow }: FlowsPacket,
  before: FlowsWorld,
): string | undefined {
  const seen = at(at(before.end, to).sees, flow)
  if (kind === SENT.RST && seen === SEEN.JOINING && !isRefusal)
    return 'a join is refused only by an answer to its SYN'
  if (isRefusal && carries(seen)) return 'a repeated SYN of a flow that is connected is refused'
  return isOld && carries(seen) ? 'a host challenges a reset that answers an old packet' : undefined
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

const SPENT = 'a host has sent as much as it may to an address without a proof'
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
