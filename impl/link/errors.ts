/** What can go wrong in opening or using a link. What can go wrong with one datagram is counted, never thrown. */
export type LinkCode =
  /** A text, or parts, that are not an IP address with a port. */
  | 'LINK_ADDRESS'
  /** Another socket has that address and port. */
  | 'LINK_IN_USE'
  /** The machine does not have that address, now. */
  | 'LINK_NO_ADDRESS'
  /** The system refuses the socket for another reason: permission, too many open files, no IPv6. */
  | 'LINK_REFUSED'
  /** An option is out of its range. */
  | 'LINK_OPTION'
  /** The link was closed. Only what changes its addresses says so: sending after the close is counted. */
  | 'LINK_CLOSED'

/** An error of the links' closed set. The message says what to do. */
export class LinkError extends Error {
  readonly code: LinkCode

  constructor(code: LinkCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'LinkError'
    this.code = code
  }
}
