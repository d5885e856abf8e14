/** Whether a packet's transport part has the checksum that binds it to its addresses. */
import { datagramIsIntact } from '../../spec/wire/datagram.ts'
import { PROTOCOL_STREAM } from '../../spec/wire/format.ts'
import { decodeFrame, newFrame } from '../../spec/wire/frame.ts'
import { segmentIsIntact } from '../../spec/wire/segment.ts'
import type { Datagram } from '../link/link.ts'
import { pseudoSumOf } from './pseudoHeader.ts'

const frame = newFrame()

/** False for what is no packet; true for one without a transport part. */
export function isIntact({ from, to, bytes }: Datagram): boolean {
  if (decodeFrame(bytes, 0, bytes.length, frame) !== 0) return false
  const { payload, end, protocol } = frame
  if (payload === end) return true
  const sum = pseudoSumOf(from, to, protocol, end - payload)
  return protocol === PROTOCOL_STREAM
    ? segmentIsIntact(bytes, payload, end, sum)
    : datagramIsIntact(bytes, payload, end, sum)
}
