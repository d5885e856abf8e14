/** What captures are read to, and what can be wrong with them. */
import type { Datagram } from './link.ts'
import type { Direction } from './pcapng.ts'

/** What can be wrong with a capture. */
export type CaptureCode =
  /** The file is neither pcapng nor pcap. Give a capture of one of these formats. */
  | 'CAPTURE_FORMAT'
  /** A block or a packet contradicts itself, or names an undescribed interface. Record the capture again. */
  | 'CAPTURE_BLOCK'
  /** The file describes too many interfaces. Split it. */
  | 'CAPTURE_LIMIT'

/** An error of the captures' closed set. The message says where, and what to do. */
export class CaptureError extends Error {
  readonly code: CaptureCode

  constructor(code: CaptureCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'CaptureError'
    this.code = code
  }
}

export interface Captured extends Datagram {
  /** Of its packet in the file, from 1, those that are skipped included: as Wireshark counts. */
  readonly number: number
  /** Since 1970, or since the run's beginning when its time was virtual. */
  readonly timeMs: number
  readonly direction: Direction
}

export interface Capture {
  /** In the file's order. Their bytes are the file's own. */
  readonly datagrams: readonly Captured[]
  /** Packets that carry neither UDP in one piece nor SAL, or that stand in frames that are not read. */
  readonly skipped: number
  /** The file ends within a packet, as when its writer was killed. All before it is here. */
  readonly isCut: boolean
}
