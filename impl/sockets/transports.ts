/** Makes a transport for a new flow of this host, with fresh secrets, and segments as long as the link's packets allow. */

import { DATAGRAM_BYTES } from '../../spec/wire/datagram.ts'
import { HEADER_BYTES } from '../../spec/wire/format.ts'
import { SEGMENT_BYTES } from '../../spec/wire/segment.ts'
import { type RandomSource, randomUint32 } from '../host/random/random.ts'
import { DatagramTransport } from '../transport/datagram.ts'
import type { StreamOptions } from '../transport/stream/options.ts'
import { Stream } from '../transport/stream/stream.ts'

export const streamOptions = (
  random: RandomSource,
  packetBytes: number,
  noDelay: boolean,
): StreamOptions => ({
  initialSequence: randomUint32(random),
  timestampOffset: randomUint32(random),
  mss: packetBytes - HEADER_BYTES - SEGMENT_BYTES,
  noDelay,
})

export const newStream = (random: RandomSource, packetBytes: number, noDelay: boolean): Stream =>
  new Stream(streamOptions(random, packetBytes, noDelay))

export const newDatagrams = (packetBytes: number): DatagramTransport =>
  new DatagramTransport(packetBytes - HEADER_BYTES - DATAGRAM_BYTES)
