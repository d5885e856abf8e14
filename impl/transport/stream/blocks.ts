/** Selective acknowledgments that are sent (RFC 2018, 4; RFC 2883, 4). */
import { MOST_SACK_BLOCKS } from '../../../spec/wire/options.ts'
import type { Segment } from '../../../spec/wire/segment.ts'
import type { Inbound } from './inbound.ts'
import { wireOf } from './serial.ts'

/** One block less fits beside timestamps. */
const BESIDE_TIMESTAMPS = MOST_SACK_BLOCKS - 1

/** Puts into `segment` what came twice, then what came beyond the missing, newest first. */
export function writeBlocks(inbound: Inbound, segment: Segment): void {
  const most = segment.hasTimestamp ? BESIDE_TIMESTAMPS : MOST_SACK_BLOCKS
  let count = 0
  if (inbound.duplicateTo > inbound.duplicateFrom) {
    segment.sackLeft[count] = wireOf(inbound.duplicateFrom, inbound.origin)
    segment.sackRight[count++] = wireOf(inbound.duplicateTo, inbound.origin)
  }
  const { ranges } = inbound.buffer
  for (let stamp = Number.POSITIVE_INFINITY; count < most; ) {
    const i = ranges.newest(stamp)
    if (i < 0) break
    stamp = ranges.stamp[i]!
    segment.sackLeft[count] = wireOf(ranges.left[i]!, inbound.origin)
    segment.sackRight[count++] = wireOf(ranges.right[i]!, inbound.origin)
  }
  segment.sackCount = count
}
