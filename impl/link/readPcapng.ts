/** Reads captures in pcapng, of this and other programs, as datagrams. */
import { type Capture, type Captured, CaptureError } from './captured.ts'
import { readFramed } from './framing.ts'
import * as pcapng from './pcapng.ts'

/** The most interfaces of one section: far more than any machine has. Each costs memory. */
export const MAX_INTERFACES = 1024

interface Interface {
  readonly linkType: number
  readonly ticksPerMs: number
  readonly offsetMs: number
}

/** The file must begin with a section. Throws CAPTURE_BLOCK, CAPTURE_LIMIT. */
export const readPcapng = (bytes: Uint8Array): Capture => new Reader(bytes).read()

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #datagrams: Captured[] = []
  #interfaces: Interface[] = []
  #isLittle = true
  #skipped = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  read(): Capture {
    const { length } = this.#bytes
    let at = 0
    while (length - at >= pcapng.BLOCK_FRAME) {
      const type = this.#read32(at)
      // The type of a section header is the same in both byte orders; its body names the order of what follows.
      if (type === pcapng.SECTION_HEADER) this.#section(at)
      const whole = this.#read32(at + 4)
      if (whole < pcapng.BLOCK_FRAME || whole % 4 !== 0) throw this.#wrong(at, `a length of ${whole}`)
      if (whole > length - at) break
      if (this.#read32(at + whole - 4) !== whole) throw this.#wrong(at, 'two lengths that differ')
      this.#block(type, at, at + whole - 4)
      at += whole
    }
    return { datagrams: this.#datagrams, skipped: this.#skipped, isCut: at < length }
  }

  /** `end` is the offset of the block's second length. */
  #block(type: number, at: number, end: number): void {
    if (type === pcapng.INTERFACE_DESCRIPTION) this.#interface(at, end)
    else if (type === pcapng.ENHANCED_PACKET) this.#packet(at, end)
    // Older packet blocks lack the time or the interface.
    else if (type === SIMPLE_PACKET || type === OBSOLETE_PACKET) this.#skipped++
  }

  #section(at: number): void {
    this.#isLittle = true
    if (this.#read32(at + 8) !== pcapng.BYTE_ORDER) {
      this.#isLittle = false
      if (this.#read32(at + 8) !== pcapng.BYTE_ORDER) throw this.#wrong(at, 'no mark of its byte order')
    }
    this.#interfaces = []
  }

  #interface(at: number, end: number): void {
    const body = at + pcapng.BLOCK_HEAD
    if (body + 8 > end) throw this.#wrong(at, 'no room for an interface')
    if (this.#interfaces.length >= MAX_INTERFACES)
      throw new CaptureError('CAPTURE_LIMIT', `more than ${MAX_INTERFACES} interfaces; split the file`)
    let ticksPerMs = 1000
    let offsetMs = 0
    this.#options(body + 8, end, (code, value, length) => {
      if (code === pcapng.INTERFACE_RESOLUTION && length === 1)
        ticksPerMs = resolution(this.#bytes[value] as number)
      if (code === pcapng.INTERFACE_OFFSET && length === 8)
        offsetMs = Number(this.#view.getBigInt64(value, this.#isLittle)) * 1000
    })
    this.#interfaces.push({ linkType: this.#read16(body), ticksPerMs, offsetMs })
  }

  #packet(at: number, end: number): void {
    const body = at + pcapng.BLOCK_HEAD
    const start = body + pcapng.PACKET_HEAD
    if (start > end) throw this.#wrong(at, 'no room for a packet')
    const from = this.#interfaces[this.#read32(body)]
    if (from === undefined) throw this.#wrong(at, 'an interface that was not described before it')
    const length = this.#read32(body + 12)
    if (length > end - start) throw this.#wrong(at, `a packet of ${length} bytes`)
    let direction: pcapng.Direction = 'unknown'
    this.#options(start + pcapng.padded(length), end, (code, value, size) => {
      if (code === pcapng.PACKET_FLAGS && size === 4) direction = directionOf(this.#read32(value))
    })
    const framed = readFramed(from.linkType, this.#bytes, start, start + length)
    if (framed === undefined) {
      this.#skipped++
      return
    }
    // The packet's flags are more precise than the frame around it.
    if (direction === 'unknown') direction = framed.direction
    const ticks = this.#read32(body + 4) * 2 ** 32 + this.#read32(body + 8)
    const timeMs = ticks / from.ticksPerMs + from.offsetMs
    const number = this.#skipped + this.#datagrams.length + 1
    this.#datagrams.push({ ...framed, timeMs, direction, number })
  }

  /** Calls `take` with each option's code, and the offset and length of its value. */
  #options(start: number, end: number, take: (code: number, value: number, length: number) => void): void {
    for (let at = start; at + 4 <= end; ) {
      const code = this.#read16(at)
      const length = this.#read16(at + 2)
      if (code === pcapng.OPTION_END) return
      if (length > end - at - 4) throw this.#wrong(at, `an option of ${length} bytes`)
      take(code, at + 4, length)
      at += 4 + pcapng.padded(length)
    }
  }

  #read16(at: number): number {
    return this.#view.getUint16(at, this.#isLittle)
  }

  #read32(at: number): number {
    return this.#view.getUint32(at, this.#isLittle)
  }

  #wrong(at: number, what: string): CaptureError {
    return new CaptureError('CAPTURE_BLOCK', `at byte ${at} there is ${what}; write the capture again`)
  }
}

const SIMPLE_PACKET = 3
const OBSOLETE_PACKET = 2

/** The highest bit selects powers of two or ten; the others are the negated exponent of seconds. */
const resolution = (value: number): number => (value & 128 ? 2 ** (value & 127) : 10 ** (value & 127)) / 1000

const directionOf = (flags: number): pcapng.Direction => {
  const bits = flags & 3
  if (bits === pcapng.INBOUND) return 'in'
  return bits === pcapng.OUTBOUND ? 'out' : 'unknown'
}
