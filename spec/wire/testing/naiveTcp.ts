/** TCP's header with its options, decoded naively. See naive.ts. */
import { at } from '../../../checker/text/at.ts'
import { NaiveFault, viewOf } from './naive.ts'

export interface NaiveSegment {
  readonly seq: number
  readonly ack: number
  readonly flags: number
  readonly window: number
  readonly options: readonly (readonly [kind: number, body: Uint8Array])[]
  readonly payload: Uint8Array
}

/** Required lengths of known options; others may have any, as may option 253 unless one of our identifiers follows. */
const LENGTHS: Readonly<Record<number, readonly number[]>> = {
  2: [4],
  3: [3],
  4: [2],
  5: [10, 18, 26, 34],
  8: [10],
}

/** By identifier, of 16 bits: 'SA' and 'SE'. */
const EXPERIMENTS: Readonly<Record<number, readonly number[]>> = { 21313: [8, 12], 21317: [12] }

const lengthsOf = (kind: number, [, , high = 0, low = 0]: Uint8Array, size: number) =>
  kind === 253 && size >= 4 ? EXPERIMENTS[256 * high + low] : LENGTHS[kind]

function optionsOf(all: Uint8Array): [number, Uint8Array][] {
  const options: [number, Uint8Array][] = []
  let rest = all
  while (rest.length > 0 && rest[0] !== 0) {
    const kind = at(rest, 0)
    if (kind === 1) {
      rest = rest.subarray(1)
      continue
    }
    const size = rest[1] ?? 0
    if (size < 2 || size > rest.length || !(lengthsOf(kind, rest, size)?.includes(size) ?? true))
      throw new NaiveFault('OPTION_LENGTH')
    options.push([kind, rest.slice(2, size)])
    rest = rest.subarray(size)
  }
  return options
}

export function naiveSegment(bytes: Uint8Array): NaiveSegment {
  if (bytes.length < 20) throw new NaiveFault('SEGMENT_SHORT')
  const view = viewOf(bytes)
  const length = (view.getUint8(12) >> 4) * 4
  if (length < 20 || length > bytes.length) throw new NaiveFault('SEGMENT_OFFSET')
  return {
    seq: view.getUint32(4),
    ack: view.getUint32(8),
    flags: view.getUint8(13),
    window: view.getUint16(14),
    options: optionsOf(bytes.subarray(20, length)),
    payload: bytes.subarray(length),
  }
}

/** Decodes a datagram. Returns its payload. */
export function naiveDatagram(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 8) throw new NaiveFault('DATAGRAM_SHORT')
  const length = viewOf(bytes).getUint16(4)
  if (length < 8 || length > bytes.length) throw new NaiveFault('DATAGRAM_LENGTH')
  return bytes.subarray(8, length)
}
