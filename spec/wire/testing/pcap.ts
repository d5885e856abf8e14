/** Reads the captures in spec/wire/captures for tests: pcap and pcapng, little-endian, Linux "cooked" v2 frames. */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** One captured IPv4 packet. */
export interface Captured {
  /** The name of its file, without `.pcap`. */
  readonly file: string
  /** From 1, as Wireshark counts. */
  readonly number: number
  /** Addresses as 32-bit numbers. */
  readonly source: number
  readonly destination: number
  readonly ttl: number
  readonly protocol: number
  /** The payload of IP. */
  readonly bytes: Uint8Array
}

const PCAPNG = 0x0a0d0d0a
const ENHANCED_PACKET = 6
const COOKED_BYTES = 20
const IPV4 = 0x0800

/** Yields the start and end of each frame in a pcap or pcapng file. */
function* framesOf(view: DataView): Generator<readonly [start: number, end: number]> {
  if (view.getUint32(0, true) === PCAPNG) {
    for (let at = 0; at < view.byteLength; at += view.getUint32(at + 4, true))
      if (view.getUint32(at, true) === ENHANCED_PACKET)
        yield [at + 28, at + 28 + view.getUint32(at + 20, true)]
    return
  }
  for (let at = 24; at < view.byteLength; at += 16 + view.getUint32(at + 8, true))
    yield [at + 16, at + 16 + view.getUint32(at + 8, true)]
}

function read(path: string): Captured[] {
  const file = readFileSync(path)
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  return [...framesOf(view)].map(([start, end], index) => {
    if (view.getUint16(start) !== IPV4) throw new Error(`${path}: frame ${index + 1} is not IPv4`)
    const ip = start + COOKED_BYTES
    const payload = ip + (view.getUint8(ip) & 15) * 4
    if (ip + view.getUint16(ip + 2) !== end) throw new Error(`${path}: frame ${index + 1} is cut off`)
    return {
      file: basename(path, '.pcap'),
      number: index + 1,
      source: view.getUint32(ip + 12),
      destination: view.getUint32(ip + 16),
      ttl: view.getUint8(ip + 8),
      protocol: view.getUint8(ip + 9),
      bytes: new Uint8Array(file.subarray(payload, end)),
    }
  })
}

export const folder = join(import.meta.dirname, '../captures')

/** Every packet of every file. */
export const captured: readonly Captured[] = globSync('*.pcap', { cwd: folder })
  .sort()
  .flatMap(name => read(join(folder, name)))

/** SAL's IP protocol number; other packets in the files are ICMP. */
const PROTOCOL_SAL = 144

export const salPackets = captured.filter(({ protocol }) => protocol === PROTOCOL_SAL)
