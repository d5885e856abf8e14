/** The result of reading a capture, and its errors. */
import { CodedError, type ErrorTable } from '../../checker/text/errors.ts'
import type { Datagram } from './link.ts'
import type { Direction } from './pcapng.ts'

/** Errors in reading a capture. */
export const CAPTURE_ERRORS = {
  CAPTURE_FORMAT: ['The file is neither pcapng nor pcap.', 'Give a capture of one of these formats.'],
  CAPTURE_BLOCK: [
    'A block or a packet contradicts itself, or names an undescribed interface.',
    'Record the capture again.',
  ],
  CAPTURE_LIMIT: ['The file describes too many interfaces.', 'Split it.'],
} as const satisfies ErrorTable

export type CaptureCode = keyof typeof CAPTURE_ERRORS

/** The message says where in the file, and what to do. */
export class CaptureError extends CodedError<CaptureCode> {
  override readonly name = 'CaptureError'
}

export interface Captured extends Datagram {
  /** The packet's position in the file, from 1. Counts skipped packets as well, like Wireshark. */
  readonly number: number
  /** Since 1970, or since the beginning of the run if its time was virtual. */
  readonly timeMs: number
  readonly direction: Direction
}

export interface Capture {
  /** In the order of the file. Their bytes are views of the file's. */
  readonly datagrams: readonly Captured[]
  /** Packets with fragmented or no UDP and no SAL, or in frames of an unsupported kind. */
  readonly skipped: number
  /** The file ends inside a packet, for example because its writer was killed. Everything before that is here. */
  readonly isCut: boolean
}
