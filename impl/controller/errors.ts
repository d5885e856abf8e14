/** Why a controller does not do what it is asked. docs/controllers.md says what to do about each. */
export type RefusalCode =
  /** A line is not JSON. Send lines as docs/controllers.md shows. */
  | 'CONTROLLER_JSON'
  /** A part of a line is missing or of the wrong kind. Correct the path that the message names. */
  | 'CONTROLLER_SHAPE'
  /** A line is too long. Send one message per line. */
  | 'CONTROLLER_LINE'
  /** The line names no valid service. Write a name such as `acme/web`. */
  | 'CONTROLLER_SERVICE'
  /** The prefix is too short for a host to register. Register a longer prefix. */
  | 'CONTROLLER_PREFIX'
  /** Not an address, or not one at which the controller sees the host. Register the host's own address. */
  | 'CONTROLLER_ADDRESS'
  /**
   * An unsigned service claims more priority or weight than unsigned services may have.
   * Lower it, or use a keyed service.
   */
  | 'CONTROLLER_PRIORITY'
  /** The controller knows something newer. Sign and register again. */
  | 'CONTROLLER_STALE'
  /** The lease is too short, too long, or over. Give a lease in the range that the message names. */
  | 'CONTROLLER_LEASE'
  /** The key of the service did not sign this claim. Give the service's key with `--key`. */
  | 'CONTROLLER_CERTIFICATE'
  /** The controller holds its maximum of registrations or questions. Unregister some, or raise the limit. */
  | 'CONTROLLER_LIMIT'
  /** The registry does not answer. Start it; the host tries again by itself. */
  | 'CONTROLLER_REGISTRY'
  /** No controller is reachable. Start one, or correct `--controller`. */
  | 'CONTROLLER_GONE'

/** What is said of claims that cannot be taken now. */
export const SENTENCES: Partial<Readonly<Record<RefusalCode, string>>> = {
  CONTROLLER_STALE:
    'something newer is known of this instance, or it was signed before this controller began; say it again, signed now',
  CONTROLLER_LIMIT: 'there are as many registrations as may be; unregister some, or raise the limit',
  CONTROLLER_REGISTRY: 'the registry does not answer; the host tries again by itself',
}

/** An error of the controllers' closed set. The message says what to do. */
export class PlaneError extends Error {
  readonly code: RefusalCode

  constructor(code: RefusalCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'PlaneError'
    this.code = code
  }
}
