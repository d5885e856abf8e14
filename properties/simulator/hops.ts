/** Sees every packet that leaves a router, and that nothing of a flow stays there. */
import { ipOf } from '../../impl/link/address.ts'
import type { Address, Datagram } from '../../impl/link/link.ts'
import { DATA, KINDS, RST, RSYN, RSYNACK, SYN } from '../../spec/machines/flow/packets.ts'
import { decodeFrame, type Frame, newFrame } from '../../spec/wire/frame.ts'
import { kindOf } from '../../spec/wire/kinds.ts'
import { read32 } from '../../spec/wire/numbers.ts'
import type { Findings } from './findings.ts'
import type { Plane } from './plane.ts'
import type { RuleName } from './rules.ts'
import type { Station } from './station.ts'

export class Hops {
  readonly #findings: Findings<RuleName>
  readonly #now: () => number
  readonly #plane: Plane
  readonly #routers: readonly Station[]
  readonly #frame = newFrame()
  /** First packets that routers sent on, and packets that moves take. */
  forwarded = 0
  relayed = 0

  constructor(findings: Findings<RuleName>, now: () => number, plane: Plane, stations: readonly Station[]) {
    this.#findings = findings
    this.#now = now
    this.#plane = plane
    this.#routers = stations.filter(({ isRouter }) => isRouter)
  }

  /** A packet that a router sends. */
  sees(router: Station, { to, bytes }: Datagram): void {
    const frame = this.#frame
    const kind = decodeFrame(bytes, 0, bytes.length, frame) === 0 ? kindOf(frame) : -1
    const isFirst = frame.service >= 0 && (kind === SYN || kind === DATA)
    if (isFirst && frame.sourceCount > 0) this.#forwards(router, frame, to)
    else if ((kind === RSYN || kind === RSYNACK) && frame.sourceCount === RELAYED_SOURCES)
      this.#relays(router, to)
    // A refusal, and what a rendezvous answers.
    else if (kind !== RST && !isFirst) this.#add('stateless', router, `sends ${KINDS[kind] ?? 'no packet'}`)
  }

  /** Whenever nothing is under way inside of hosts. */
  settle(): void {
    for (const router of this.#routers) {
      const { host } = router
      const kept = host === undefined ? 0 : host.flowCount + host.timers.size + host.delays.size
      if (kept > 0) this.#add('stateless', router, `keeps ${kept} things of flows`)
    }
  }

  /** SOURCE has who asked and all who forwarded, this one last. */
  #forwards(router: Station, { bytes, service, sources, sourceCount }: Frame, to: Address): void {
    this.forwarded++
    const been = Array.from({ length: sourceCount }, (_, i) => read32(bytes, sources + 4 * i))
    if (new Set([...been, ipOf(to)]).size <= sourceCount)
      this.#add('hop', router, 'sends a first packet to where it was already')
    if (sourceCount > this.#routers.length + 1)
      this.#add('hop', router, `sends a first packet on that ${sourceCount - 2} have sent on before`)
    if (!this.#plane.mayLead(router, bytes, service, to))
      this.#add('resolved', router, 'sends a first packet to where nobody offers that')
  }

  /** Back to who asked it may go, where an address has changed hands. */
  #relays(router: Station, to: Address): void {
    this.relayed++
    if (this.#routers.some(({ link }) => link.addresses().includes(to)))
      this.#add('hop', router, 'relays to a router')
  }

  #add(rule: RuleName, router: Station, what: string): void {
    this.#findings.add(rule, this.#now(), `${router.name} ${what}`)
  }
}

/** Who asked, and the rendezvous: nothing is relayed twice (26). */
const RELAYED_SOURCES = 2
