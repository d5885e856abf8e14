/** Builds the SACK blocks of outgoing segments (RFC 2018, 4; RFC 2883, 4). */
import { MOST_SACK_BLOCKS } from '../../../spec/wire/options.ts'
import type { Segment } from '../../../spec/wire/segment.ts'
import type { Inbound } from './inbound.ts'
import type { Ranges } from './ranges.ts'
import { wireOf } from './serial.ts'

/** Timestamps leave room for one block less. */
const BESIDE_TIMESTAMPS = MOST_SACK_BLOCKS - 1

const newest = new Int32Array(MOST_SACK_BLOCKS)

/** Writes into `segment` the duplicate with its surrounding block, then the ranges beyond the gap, newest first. */
export function writeBlocks(inbound: Inbound, segment: Segment): void {
  const { origin, duplicateFrom, duplicateTo, finAt, isEndNewest } = inbound
  const { ranges, next } = inbound.buffer
  const most = segment.hasTimestamp ? BESIDE_TIMESTAMPS : MOST_SACK_BLOCKS
  /** True if a FIN beyond a gap does not directly follow a range; it then needs a block of its own. */
  const isEndApart = finAt > next && (ranges.count === 0 || ranges.right[ranges.count - 1] !== finAt)
  segment.sackCount = 0
  let around = -1
  if (duplicateTo > duplicateFrom) {
    put(segment, origin, duplicateFrom, duplicateTo)
    around = ranges.at(duplicateFrom)
    if (around >= 0) put(segment, origin, ranges.left[around] as number, rightOf(ranges, around, finAt))
  }
  const isEndFirst = isEndApart && (isEndNewest || duplicateTo > finAt)
  if (isEndFirst) put(segment, origin, finAt, finAt + 1)
  const found = ranges.newest(newest, MOST_SACK_BLOCKS)
  for (let n = 0; n < found && segment.sackCount < most; n++) {
    const i = newest[n] as number
    if (i !== around) put(segment, origin, ranges.left[i] as number, rightOf(ranges, i, finAt))
  }
  if (isEndApart && !isEndFirst && segment.sackCount < most) put(segment, origin, finAt, finAt + 1)
}

/** Returns where the block of range `i` ends. It includes a FIN directly after the range. */
function rightOf(ranges: Ranges, i: number, finAt: number): number {
  const right = ranges.right[i] as number
  return right === finAt ? right + 1 : right
}

function put(segment: Segment, origin: number, left: number, right: number): void {
  segment.sackLeft[segment.sackCount] = wireOf(left, origin)
  segment.sackRight[segment.sackCount++] = wireOf(right, origin)
}
