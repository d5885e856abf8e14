/** Why a controller does not do what it is asked. docs/controllers.md says what to do about each. */
export type RefusalCode =
  /** A line is no JSON. */
  | 'CONTROLLER_JSON'
  /** A line is JSON, but a part is missing or of the wrong kind. */
  | 'CONTROLLER_SHAPE'
  /** A line is longer than any that means something. */
  | 'CONTROLLER_LINE'
  /** What should name a service does not. */
  | 'CONTROLLER_SERVICE'
  /** A prefix is too short for a host to register it. */
  | 'CONTROLLER_PREFIX'
  /** Neither an address, nor one at which the controller sees the host. */
  | 'CONTROLLER_ADDRESS'
  /** A service without a key asks for more priority or weight than such services may have. */
  | 'CONTROLLER_PRIORITY'
  /** Something newer is known. */
  | 'CONTROLLER_STALE'
  /** The lease is too short, too long, or over already. */
  | 'CONTROLLER_LEASE'
  /** The service certifies itself, and its key has not signed this. */
  | 'CONTROLLER_CERTIFICATE'
  /** There are as many registrations, or questions, as may be. */
  | 'CONTROLLER_LIMIT'
  /** The registry does not answer. */
  | 'CONTROLLER_REGISTRY'
  /** No controller can be reached, or it is gone. */
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
