/** Errors in opening or using a link. Problems with single datagrams are counted, never thrown. */
export type LinkCode =
  /**
   * Not an IP address with a port, or of a family that cannot be used there.
   * Write `192.0.2.1:4000` or `[2001:db8::1]:4000`.
   */
  | 'LINK_ADDRESS'
  /** Another socket uses that address and port. Close it, or choose another port. */
  | 'LINK_IN_USE'
  /** The computer does not have that address now. Choose one of its addresses. */
  | 'LINK_NO_ADDRESS'
  /**
   * The system refuses the socket: permission, too many open files, or no IPv6.
   * Correct what the message names.
   */
  | 'LINK_REFUSED'
  /** An option is out of range. Give a value in the range that the message names. */
  | 'LINK_OPTION'
  /** The link is closed. Open another. */
  | 'LINK_CLOSED'

/** The message says what to do. */
export class LinkError extends Error {
  readonly code: LinkCode

  constructor(code: LinkCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'LinkError'
    this.code = code
  }
}
