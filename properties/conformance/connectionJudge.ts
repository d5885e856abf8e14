/** The connections of the host that is judged: which flows belong together, and what their ends advertise (invariants 33 and 34). */
import { ADVERT_SPACE } from '../../spec/machines/connection/machine.ts'
import { SYN, SYNACK } from '../../spec/machines/flow/packets.ts'
import { notBefore } from '../../spec/machines/flow/serial.ts'
import type { Seen } from './observed.ts'

interface Adverts {
  /** The versions of the peer's advertisements that have come. */
  readonly heard: Set<number>
  /** The version that the host advertised last. */
  version: number | undefined
}

export class ConnectionJudge {
  /** By the host's flowIDs, and by those of its peers. */
  readonly #own = new Map<number, Adverts>()
  readonly #peers = new Map<number, Adverts>()
  /** What SYNs that join name, by the flowID of their sender. */
  readonly #named = new Map<number, number>()

  receive(packet: Seen): void {
    const { kind, srcFlow, dstFlow, joins, names, proves, advertises } = packet
    if (kind === SYN && joins === 1) this.#named.set(srcFlow, names)
    const connection = this.#own.get(dstFlow)
    if (connection === undefined) return
    if (kind === SYNACK) this.#peers.set(srcFlow, connection)
    if (advertises !== undefined && proves === 1) connection.heard.add(advertises)
  }

  /** Returns false if nothing makes a host send this. `isKnown`: the flow began in this capture. */
  send(
    { kind, srcFlow, dstFlow, joins, names, proves, advertises, echoes }: Seen,
    isKnown: boolean,
  ): boolean {
    if (proves === 0) return false
    if (!isKnown) return true
    if (kind === SYN || kind === SYNACK) {
      const named = kind === SYN ? this.#peers.get(names) : this.#own.get(this.#named.get(dstFlow) ?? 0)
      if (joins === 1 && named === undefined) return false
      const connection = this.#own.get(srcFlow) ?? named ?? { heard: new Set(), version: undefined }
      this.#own.set(srcFlow, connection)
      if (kind === SYNACK) this.#peers.set(dstFlow, connection)
      return true
    }
    const connection = this.#own.get(srcFlow)
    if (connection === undefined) return true
    if (echoes !== undefined && !connection.heard.has(echoes)) return false
    if (advertises === undefined) return true
    const { version = advertises } = connection
    connection.version = advertises
    return notBefore(advertises, version, ADVERT_SPACE)
  }
}
