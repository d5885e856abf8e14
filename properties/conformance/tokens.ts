/**
 * The reset tokens of a host. A token follows from the host's secret and both flowIDs. A restarted host answers for an earlier
 * flow with the token that it told in the handshake. A host that lost its secret answers with other tokens for all earlier flows.
 */
import { Latest } from '../../checker/text/latest.ts'
import type { Moment, Span } from './memory.ts'
import type { Seen } from './observed.ts'

/** The limit of pairs of flowIDs whose latest token is remembered. For a forgotten pair the judge accepts any token. */
const MOST_PAIRS = 4096

interface Shown {
  readonly token: number
  /** The last packet that showed it. */
  readonly packet: Moment
  /** True if a handshake told it. Otherwise a RST showed it, and it may be the nonce of a flow that began before the capture. */
  readonly isTold: boolean
}

/** An unexpected token in a RST. */
export interface Surprise {
  /** The token that was shown before. */
  readonly token: number
  /** The host must have restarted after this packet. Absent if no restart explains the RST: it shows a token of a lost secret. */
  readonly since?: Moment
  /** True if the host lost its secret in the restart. */
  readonly isLost: boolean
}

export class Tokens {
  readonly #shown = new Latest<string, Shown>(MOST_PAIRS)
  /** The host kept one secret during this span. */
  #same: Span | undefined
  /** The host lost its secret after this packet; 0 if it lost none. */
  #lostNumber = 0

  /** The spans during which the host certainly kept its secret, even if it restarted. */
  get spans(): readonly Span[] {
    return this.#same === undefined ? [] : [this.#same]
  }

  /** Records that the host lost its secret after this moment. */
  lose({ number }: Moment): void {
    this.#lostNumber = Math.max(this.#lostNumber, number)
  }

  /** Remembers the token in a packet of a flow. Returns false if the flow, which began at `begun`, has told another token. */
  tell(packet: Seen, begun: Moment): boolean {
    const { token, srcFlow, dstFlow } = packet
    if (token === 0) return true
    const key = keyOf(srcFlow, dstFlow)
    const before = this.#shown.get(key)
    const isOfFlow = before?.isTold === true && before.packet.number >= begun.number
    if (isOfFlow && before.token !== token) return false
    this.#shown.set(key, { token, packet, isTold: true })
    return true
  }

  /** Remembers the token in a RST for a flow that the host does not have. Returns undefined if the token is as expected. */
  answer(packet: Seen): Surprise | undefined {
    const { nonce: token, srcFlow, dstFlow } = packet
    const key = keyOf(srcFlow, dstFlow)
    const before = this.#shown.get(key)
    const isSame = before?.token === token
    const isLost = before?.isTold === true && before.packet.number <= this.#lostNumber
    if (isSame && isLost) return { token, isLost }
    if (isSame && before.isTold) this.#prove(before.packet, packet)
    else this.#shown.set(key, { token, packet, isTold: false })
    if (before === undefined || isSame || isLost) return undefined
    return { token: before.token, since: before.packet, isLost: before.isTold }
  }

  /** Records that the host had the same secret at both packets, so also in between. Keeps the later of two separate spans. */
  #prove(told: Moment, shown: Moment): void {
    const { begun, spoke } = this.#same ?? { begun: told, spoke: told }
    const isFirst = told.number > spoke.number || told.number < begun.number
    this.#same = { begun: isFirst ? told : begun, spoke: shown }
  }
}

const keyOf = (flow: number, peerFlow: number): string => `${flow} ${peerFlow}`
