/** SYNs that name their origin in SOURCE: forwarded by the router of the model `reflection`, or forged by an attacker. */

import { at } from '../../checker/text/at.ts'
import { Packets, sealTransport } from '../../impl/host/packets/packets.ts'
import type { Datagram } from '../../impl/link/link.ts'
import { encodeDatagramHeader } from '../../spec/wire/datagram.ts'
import { PROTOCOL_DATAGRAM } from '../../spec/wire/format.ts'
import { decodeFrame, newFrame } from '../../spec/wire/frame.ts'
import { encodeHeader } from '../../spec/wire/header.ts'
import { flagsOf } from '../../spec/wire/kinds.ts'
import { claim, ROUTER, SERVER } from '../../spec/worlds/flow/models/reflection.ts'
import { SERVICE } from './cast.ts'
import { FORGED_NONCE, realAddress } from './dictionary.ts'

const PACKET_BYTES = 512

const frame = newFrame()

/** Returns the packet as the router forwards it to the server. */
export function forwarded({ from, bytes }: Datagram): Datagram {
  const packets = new Packets(PACKET_BYTES)
  const router = realAddress(ROUTER)
  decodeFrame(bytes, 0, bytes.length, frame)
  packets.forward(frame, from, router, realAddress(SERVER), router)
  return at(packets.take(), 0)
}

/** Returns the SYN whose SOURCE names the victim. */
export function claimed(): Datagram {
  const { kind, fin, srcFlow, dstFlow, verno, ackno, from } = claim()
  const bytes = new Uint8Array(PACKET_BYTES)
  const { high: nonceHigh, low: nonceLow } = FORGED_NONCE
  const start = encodeHeader(
    {
      ...{ srcFlow, dstFlow, verno, ackno, nonceHigh, nonceLow },
      ...{ protocol: PROTOCOL_DATAGRAM, flags: flagsOf(kind, fin) },
      ...{ service: SERVICE, sourceService: undefined, sources: [] },
    },
    bytes,
    0,
  )
  const end = encodeDatagramHeader(0, bytes, start)
  const ends = { from: realAddress(from), to: realAddress(ROUTER) }
  sealTransport(PROTOCOL_DATAGRAM, bytes, start, end, ends.from, ends.to)
  return forwarded({ ...ends, bytes: bytes.subarray(0, end) })
}
