/** Random datagrams for properties, and captures of them. */
import * as fc from 'fast-check'
import { fromIPv4, fromIPv6 } from '../address.ts'
import type { Datagram } from '../link.ts'
import { captureBlocks, captureHeader } from '../pcapng.ts'

export const join = (parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap(part => [...part]))

const ports = fc.integer({ min: 1, max: 65535 })
const ipv4s = fc.tuple(fc.integer({ min: 1, max: 0xffffffff }), ports).map(([ip, port]) => fromIPv4(ip, port))
/** Few hosts, so that they do not fill the process's table. */
const ipv6s = fc
  .tuple(fc.integer({ min: 0, max: 255 }), ports)
  .map(([host, port]) => fromIPv6(Uint8Array.of(0x20, 1, ...Array(13).fill(host), host), port))
const bytes = fc.uint8Array({ maxLength: 60 })
export const datagrams = fc.oneof(
  fc.record({ from: ipv4s, to: ipv4s, bytes }),
  fc.record({ from: ipv6s, to: ipv6s, bytes }),
)

export const batches = fc.array(
  fc.record({
    batch: fc.array(datagrams, { minLength: 1, maxLength: 5 }),
    direction: fc.constantFrom('in' as const, 'out' as const),
    timeUs: fc.integer({ min: 0, max: 2 ** 51 }),
  }),
  { maxLength: 6 },
)
export const written = (
  list: readonly { batch: Datagram[]; direction: 'in' | 'out'; timeUs: number }[],
): Uint8Array =>
  join([
    captureHeader(),
    ...list.map(({ batch, direction, timeUs }) => captureBlocks(batch, direction, timeUs / 1000)),
  ])
