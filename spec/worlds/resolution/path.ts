/**
 * A first packet in flight, packed into one number: the addresses of this hop, the service, and the sources, origin
 * first. Address 0 means none. Sources have room for an origin and four forwarders, one more than a model's bounds
 * allow, so that an invariant sees one too many.
 */

import { at } from '../../../checker/text/at.ts'
/** Bits of an address, and of a serviceID. */
export const ADDRESS = 3
export const SERVICE = 2

export const MASK = 7

export interface Path {
  readonly from: number
  readonly to: number
  readonly service: number
  readonly sources: readonly number[]
}

export const sourceAt = (packet: number, i: number): number =>
  (packet >> (2 * ADDRESS + SERVICE + i * ADDRESS)) & MASK

export const packPath = (p: Path): number =>
  p.to |
  (p.from << ADDRESS) |
  (p.service << (2 * ADDRESS)) |
  (at(p.sources, 0) << (2 * ADDRESS + SERVICE)) |
  (at(p.sources, 1) << (3 * ADDRESS + SERVICE)) |
  (at(p.sources, 2) << (4 * ADDRESS + SERVICE)) |
  (at(p.sources, 3) << (5 * ADDRESS + SERVICE)) |
  (at(p.sources, 4) << (6 * ADDRESS + SERVICE))

export const unpackPath = (packet: number): Path => ({
  to: packet & MASK,
  from: (packet >> ADDRESS) & MASK,
  service: (packet >> (2 * ADDRESS)) & 3,
  sources: [0, 1, 2, 3, 4].map(i => sourceAt(packet, i)),
})

/** Bits of a packet: 2 * 3 + 2 + 5 * 3. */
export const PATH_BITS = 23

/** Returns the number of forwarders that the packet has passed. The first forwarder adds the origin, which does not count. */
export const hopsOf = (p: Path): number => (p.sources.length > 0 && p.sources[0] === 0 ? 0 : countFrom(p, 1))

export const countFrom = (p: Path, i: number): number =>
  i < p.sources.length ? (p.sources[i] === 0 ? 0 : 1 + countFrom(p, i + 1)) : 0

/** True if the packet has visited `next` or `own`, or if the two are the same. */
export const isVisited = (p: Path, own: number, next: number): boolean =>
  next === own || next === p.from || p.sources.some(source => source === next || source === own)

/** Returns a source after the forwarder at `own`: the origin is first, and each forwarder appends its address. */
export const sourceBehind = (p: Path, i: number, own: number): number =>
  p.sources[i] !== 0 ? at(p.sources, i) : i === 0 ? p.from : i === 1 ? own : p.sources[i - 1] === 0 ? 0 : own

/** Returns the packet as the forwarder at `own` sends it. */
export const forwarded = (p: Path, own: number, next: number): Path => ({
  service: p.service,
  from: own,
  to: next,
  sources: p.sources.map((_, i) => sourceBehind(p, i, own)),
})
