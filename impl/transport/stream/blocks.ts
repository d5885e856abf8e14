/** Selective acknowledgments that are sent (RFC 2018, 4; RFC 2883, 4). */
import { MOST_SACK_BLOCKS } from '../../../spec/wire/options.ts'
import type { Segment } from '../../../spec/wire/segment.ts'
import type { Inbound } from './inbound.ts'
import type { Ranges } from './ranges.ts'
import { wireOf } from './serial.ts'

/** One block less fits beside timestamps. */
const BESIDE_TIMESTAMPS = MOST_SACK_BLOCKS - 1

const newest = new Int32Array(MOST_SACK_BLOCKS)

/** Puts into `segment` what came twice with the block around it, then what came beyond the missing, newest first. */
export function writeBlocks(inbound: Inbound, segment: Segment): void {
  const { origin, duplicateFrom, duplicateTo, finAt, isEndNewest } = inbound
  const { ranges, next } = inbound.buffer
  const most = segment.hasTimestamp ? BESIDE_TIMESTAMPS : MOST_SACK_BLOCKS
  /** A FIN beyond a gap, whose place in sequence space is not right behind a range. */
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

/** Where the block of range `i` ends: a FIN right behind it belongs to it. */
function rightOf(ranges: Ranges, i: number, finAt: number): number {
  const right = ranges.right[i] as number
  return right === finAt ? right + 1 : right
}

function put(segment: Segment, origin: number, left: number, right: number): void {
  segment.sackLeft[segment.sackCount] = wireOf(left, origin)
  segment.sackRight[segment.sackCount++] = wireOf(right, origin)
}
