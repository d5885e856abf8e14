/**
 * Answers packets that prove nothing about their sender: those for flows that do not exist, and those that a flow refuses.
 * Each gets at most a RST, which is rate-limited and never longer than the packet (invariant 54).
 */
import type { FlowEffect, FlowState } from '../../../spec/machines/flow/compiled.ts'
import type { AnyFlowEvent } from '../../../spec/machines/flow/events.ts'
import type { Packet } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { flowStep } from '../../../spec/machines/flow/step.ts'
import { CONTROL_BYTES, HEADER_BYTES } from '../../../spec/wire/format.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import type { Counters } from '../counters.ts'
import type { Packets } from '../packets/packets.ts'
import type { RateLimit } from '../paths/rateLimit.ts'
import type { Answers } from './answers.ts'
import type { Confirmed } from './confirmed.ts'
import type { FlowIdSource } from './flowIds.ts'
import { type Nonce, type NonceOf, OWN_NONCE } from './nonces.ts'
import type { TokenOf } from './resetTokens.ts'

/** The parts of a host that answers to strangers use. */
export interface StrangersHost {
  readonly counters: Counters
  readonly packets: Packets
  readonly answers: Answers
  readonly confirmed: Confirmed
  readonly flowIds: FlowIdSource
  readonly nonceOf: NonceOf
  readonly tokenOf: TokenOf
  readonly strangers: RateLimit
  /** A number in [0, 1). The cost of an answer to a stranger varies, so that nobody can infer how many others got one. */
  readonly chance: () => number
}

export class Strangers {
  readonly #host: StrangersHost
  /** The machine of an ended flow: it answers for flowIDs that this host once issued. */
  readonly #gone: FlowState = { ...flowStep().initial(), connection: CONNECTION.CLOSED }
  readonly #effects: FlowEffect[] = []
  readonly #fired: number[] = []

  constructor(host: StrangersHost) {
    this.#host = host
  }

  /** Answers a packet for an unknown flow. */
  answer(event: AnyFlowEvent, packet: Frame, now: number): void {
    const { counters, flowIds, confirmed, answers } = this.#host
    const { dstFlow } = event
    const isIssued = confirmed.has(dstFlow) || flowIds.generationOf(dstFlow) > 0
    // Its client may not have confirmed it yet: until then the flow does not exist, and everything gets silence.
    if (!isIssued && event.type !== 'SYN' && flowIds.isDerived(dstFlow) && answers.areOut(now)) {
      counters.unissued++
      return
    }
    this.#effects.length = 0
    this.#fired.length = 0
    this.#gone.localFlow = dstFlow
    this.#gone.localNonce = OWN_NONCE
    flowStep().step(this.#gone, event, this.#effects, this.#fired)
    for (const effect of this.#effects) {
      if (effect.type !== 'transmit') continue
      const isOwn = effect.params.nonce === OWN_NONCE
      this.reply(effect.params, packet, isOwn ? this.#proof(event) : undefined, now)
    }
  }

  /** Answers the packet with a RST. Both have the same headers below SAL. Without `own` the RST carries the packet's nonce. */
  reply(rst: Packet, packet: Frame, own: Nonce | undefined, now: number): void {
    const { counters, strangers, packets, chance } = this.#host
    if (packet.end - packet.start < RST_BYTES) counters.outgrown++
    else if (!strangers.take(now, 1 + chance())) counters.unanswered++
    else {
      const { high, low } = own ?? { high: packet.nonceHigh, low: packet.nonceLow }
      packets.control(rst, packet.protocol, high, low, undefined, now)
    }
  }

  /**
   * Returns the number by which a RST for a flow that no longer exists is believed: its nonce, or, if this host has never
   * issued the flowID, the reset token that it may have told before a restart. So it never reveals the nonce of a later flow.
   */
  #proof({ dstFlow, srcFlow }: AnyFlowEvent): Nonce {
    const { flowIds, confirmed, nonceOf, tokenOf } = this.#host
    const generation = flowIds.generationOf(dstFlow)
    if (generation > 0) return nonceOf(dstFlow, generation)
    return confirmed.nonceOf(dstFlow) ?? tokenOf(dstFlow, srcFlow)
  }
}

/** A RST has CONTROL and nothing else. */
const RST_BYTES = HEADER_BYTES + CONTROL_BYTES
