/** Errors in names of services and in rules. */
export type ServiceCode =
  /** Neither a service name nor hexadecimal digits. Write a name such as `acme/web`. */
  | 'SERVICE_NAME'
  /** A hexadecimal serviceID without exactly 64 digits. Give 64 digits. */
  | 'SERVICE_DIGITS'
  /**
   * The key part of a name is not 32 hexadecimal digits, or has too many parts before it.
   * Copy the name that `listen` prints.
   */
  | 'SERVICE_KEY'
  /** The length of a prefix is not 0 to 256, or bits after it are set. Correct the length. */
  | 'SERVICE_BITS'
  /** A prefix stands where one service is needed. Give a whole service name. */
  | 'SERVICE_ADDRESS'
  /** A priority is out of range. Give a whole number in the range that the message names. */
  | 'SERVICE_PRIORITY'
  /** A weight is out of range. Give a whole number in the range that the message names. */
  | 'SERVICE_WEIGHT'
  /** A rule has no target: neither forward, nor delay, nor drop. Give one. */
  | 'SERVICE_TARGET'
  /** A rule forwards to its own host. Give another address. */
  | 'SERVICE_LOOP'
  /** A rule's timeout is not positive. Give more than 0. */
  | 'SERVICE_TIMEOUT'
  /**
   * A rule that delays or drops has the prefix and priority of another rule.
   * Remove one, or change a priority.
   */
  | 'SERVICE_CONTRADICTION'
  /** The table, or the set of targets of one prefix, is full. Remove rules, or raise the limit. */
  | 'SERVICE_FULL'

/** The message says what to do. */
export class ServiceError extends Error {
  readonly code: ServiceCode

  constructor(code: ServiceCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'ServiceError'
    this.code = code
  }
}
