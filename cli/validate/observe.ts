/** Datagrams of a capture as the host that is judged has them. */

import { firstIsIntact, strangerIsIntact } from '../../impl/host/packets/intact.ts'
import { HostAddresses } from '../../impl/host/paths/hostAddresses.ts'
import { originOf } from '../../impl/host/paths/origin.ts'
import { isUnconnected } from '../../impl/host/paths/unconnected.ts'
import { RENDEZVOUS_SERVICE } from '../../impl/host/rendezvous/messages.ts'
import { equalServiceIds } from '../../impl/host/services/serviceId.ts'
import type { Address } from '../../impl/link/link.ts'
import type { Captured } from '../../impl/link/readCapture.ts'
import type { Observed } from '../../properties/conformance/observed.ts'
import { DATA, SYN } from '../../spec/machines/flow/packets.ts'
import { decodeFrame, newFrame } from '../../spec/wire/frame.ts'
import { kindOf } from '../../spec/wire/kinds.ts'
import type { Proofs } from './proofs.ts'

/** A broadcast address. Instances that receive a SYN there answer from addresses of their own. */
const ANY: Address = 0

const frame = newFrame()
const elsewhere = new HostAddresses()

/**
 * Returns the packet as the host judges it. `own` are the addresses from which the host sends; `proofs` has read the packets before.
 */
export function observe(
  datagram: Captured,
  direction: Observed['direction'],
  own: ReadonlySet<Address>,
  proofs: Proofs,
): Observed {
  const { bytes, from, to } = datagram
  if (decodeFrame(bytes, 0, bytes.length, frame) !== 0) return { ...datagram, direction, isIntact: false }
  const kind = kindOf(frame)
  const isFirst = frame.service >= 0 && (kind === SYN || kind === DATA)
  const origin = originOf(frame, from, elsewhere)
  const isIntact = isFirst
    ? origin !== 0 && firstIsIntact(frame, from, origin, to)
    : strangerIsIntact(frame, from, to)
  const isOut = direction === 'out'
  const isProved = !isIntact || proofs.see(frame, isOut, isOut ? to : from)
  if (isOut) return { ...datagram, direction, isIntact, isProved, isToRendezvous: isToRendezvous() }
  const isForAll = kind === SYN && !own.has(to)
  return { ...datagram, direction, isIntact, isProved, origin, to: isForAll ? ANY : to }
}

const isToRendezvous = (): boolean =>
  isUnconnected(frame) && equalServiceIds(frame.bytes, RENDEZVOUS_SERVICE, frame.service)
