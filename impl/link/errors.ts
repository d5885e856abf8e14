import { CodedError, type ErrorTable } from '../../checker/text/errors.ts'

/** Errors in opening or using a link. Problems with single datagrams are counted, never thrown. */
export const LINK_ERRORS = {
  LINK_ADDRESS: [
    'Not an IP address with a port, or of a family that cannot be used there.',
    'Write `192.0.2.1:4000` or `[2001:db8::1]:4000`.',
  ],
  LINK_IN_USE: [
    'Another socket uses that address and port.',
    'Close it, choose another port, or let the system choose with port 0.',
  ],
  LINK_NO_ADDRESS: ['The computer does not have that address now.', 'Choose one of its addresses.'],
  LINK_REFUSED: [
    'The system refuses the socket: permission, too many open files, or no IPv6.',
    'Correct what the message names.',
  ],
  LINK_OPTION: ['An option is out of range.', 'Give a value in the range that the message names.'],
  LINK_CLOSED: ['The link is closed.', 'Open another.'],
} as const satisfies ErrorTable

export type LinkCode = keyof typeof LINK_ERRORS

/** The message says what to do. */
export class LinkError extends CodedError<LinkCode> {
  override readonly name = 'LinkError'
}
