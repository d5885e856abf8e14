/** Decides, when an instance refuses or answers a SYN, whether the host asks another one. */
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import type { Address } from '../../link/link.ts'
import type { Doubts } from '../paths/doubts.ts'
import type { Engine } from './engine.ts'
import { newEvent } from './event.ts'
import type { Flow } from './flow.ts'

/** The parts of a host that seek. */
export interface SeekingHost {
  readonly doubts: Doubts
  /** Called with an address that did not answer a SYN for the service, or refused it, while another answered. */
  onSilent: ((service: Uint8Array, address: Address) => void) | undefined
}

const TIMEOUT = newEvent('TIMEOUT')

/**
 * Something at `by` refuses the SYN of a flow. Asks the next instance, if there is one. Returns false if the refusal ends the
 * flow.
 */
export function refused(engine: Engine, flow: Flow, by: Address, now: number): boolean {
  if (flow.connection !== CONNECTION.REQUEST || flow.seeker === undefined) return false
  const decision = flow.seeker.refuse(by)
  if (decision === 'turn') {
    flow.retransmission.turned()
    engine.step(flow, TIMEOUT, now)
  }
  return decision !== 'pass'
}

/** An instance has answered the SYN. Doubts those that were asked before it and have not. */
export function sought(host: SeekingHost, flow: Flow, now: number): void {
  const { seeker, service, peer } = flow
  flow.seeker = undefined
  host.doubts.clear(peer)
  if (seeker === undefined) return
  for (const address of seeker.left) {
    if (address === peer) continue
    if (!seeker.refused.includes(address)) host.doubts.add(address, now)
    host.onSilent?.(service, address)
  }
}
