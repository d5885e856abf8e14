/** Datagrams of a capture as the host that is judged has them. */
import type { Address } from '../../impl/link/link.ts'
import type { Captured } from '../../impl/link/read-capture.ts'
import { isFirst } from '../../impl/sal/firstPackets.ts'
import { HostAddresses } from '../../impl/sal/hostAddresses.ts'
import { frameIsIntact } from '../../impl/sal/intact.ts'
import { originOf } from '../../impl/sal/origin.ts'
import type { Observed } from '../../properties/conformance/observed.ts'
import { SYN } from '../../spec/flow/packets.ts'
import { decodeFrame, newFrame } from '../../spec/wire/frame.ts'
import { kindOf } from '../../spec/wire/kinds.ts'

/** A broadcast address: whoever is asked there answers from an address of its own. */
const ANY: Address = 0

const frame = newFrame()
const elsewhere = new HostAddresses()

/**
 * `own` are the addresses from which the host sends. A first packet that came through routers is from whoever sent it
 * first, and is intact if it is so between that one and where it came to.
 */
export function observe(
  datagram: Captured,
  direction: Observed['direction'],
  own: ReadonlySet<Address>,
): Observed {
  const { bytes, from, to } = datagram
  if (decodeFrame(bytes, 0, bytes.length, frame) !== 0) return { ...datagram, direction, isIntact: false }
  const kind = kindOf(frame)
  const origin = isFirst(kind, frame) ? originOf(frame, from, elsewhere) : from
  const isIntact = origin !== 0 && frameIsIntact(frame, origin, to)
  if (direction === 'out' || kind !== SYN) return { ...datagram, direction, isIntact }
  return { ...datagram, direction, isIntact, from: origin, to: own.has(to) ? to : ANY }
}
