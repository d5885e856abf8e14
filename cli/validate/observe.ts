/** Datagrams of a capture as the host that is judged has them. */
import type { Address } from '../../impl/link/link.ts'
import type { Captured } from '../../impl/link/read-capture.ts'
import { HostAddresses } from '../../impl/sal/hostAddresses.ts'
import { frameIsIntact } from '../../impl/sal/intact.ts'
import { originOf } from '../../impl/sal/origin.ts'
import type { Observed } from '../../properties/conformance/observed.ts'
import { SYN, SYNACK } from '../../spec/flow/packets.ts'
import { decodeFrame, newFrame } from '../../spec/wire/frame.ts'
import { kindOf } from '../../spec/wire/kinds.ts'

/** A broadcast address: whoever is asked there answers from an address of its own. */
const ANY: Address = 0

const frame = newFrame()
const elsewhere = new HostAddresses()

/**
 * `own` are the addresses from which the host sends. What came through routers or a rendezvous is from whoever sent it
 * first, and is intact if it is so between that one and where it came to; of SYN-ACKs SOURCE is only told.
 */
export function observe(
  datagram: Captured,
  direction: Observed['direction'],
  own: ReadonlySet<Address>,
): Observed {
  const { bytes, from, to } = datagram
  if (decodeFrame(bytes, 0, bytes.length, frame) !== 0) return { ...datagram, direction, isIntact: false }
  const kind = kindOf(frame)
  const origin = kind === SYNACK ? from : originOf(frame, from, elsewhere)
  const isIntact = origin !== 0 && frameIsIntact(frame, origin, to)
  if (direction === 'out') return { ...datagram, direction, isIntact }
  const isForAll = kind === SYN && !own.has(to)
  return { ...datagram, direction, isIntact, from: origin, to: isForAll ? ANY : to }
}
