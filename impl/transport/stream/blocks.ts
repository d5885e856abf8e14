/** Selective acknowledgments that are sent (RFC 2018, 4; RFC 2883, 4). */
import { MOST_SACK_BLOCKS } from '../../../spec/wire/options.ts'
import type { Segment } from '../../../spec/wire/segment.ts'
import type { Inbound } from './inbound.ts'
import { wireOf } from './serial.ts'

/** One block less fits beside timestamps. */
const BESIDE_TIMESTAMPS = MOST_SACK_BLOCKS - 1

const newest = new Int32Array(MOST_SACK_BLOCKS)

/** Puts into `segment` what came twice, then what came beyond the missing, newest first. */
export function writeBlocks(inbound: Inbound, segment: Segment): void {
  const { origin, duplicateFrom, duplicateTo } = inbound
  const { ranges } = inbound.buffer
  let count = 0
  if (duplicateTo > duplicateFrom) {
    segment.sackLeft[0] = wireOf(duplicateFrom, origin)
    segment.sackRight[0] = wireOf(duplicateTo, origin)
    count = 1
  }
  const found = ranges.newest(newest, (segment.hasTimestamp ? BESIDE_TIMESTAMPS : MOST_SACK_BLOCKS) - count)
  for (let i = 0; i < found; i++) {
    segment.sackLeft[count] = wireOf(ranges.left[newest[i]!]!, origin)
    segment.sackRight[count++] = wireOf(ranges.right[newest[i]!]!, origin)
  }
  segment.sackCount = count
}
