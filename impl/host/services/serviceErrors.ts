/** What can be wrong with names of services and rules about them. */
export type ServiceCode =
  /** Neither a name nor hexadecimal digits. */
  | 'SERVICE_NAME'
  /** Hexadecimal, but not 64 digits. */
  | 'SERVICE_DIGITS'
  /** After a '#' there are not 32 hexadecimal digits, or more parts before it than leave room; a part of a key. */
  | 'SERVICE_KEY'
  /** A prefix's length is no number from 0 to 256, or bits after it are set. */
  | 'SERVICE_BITS'
  /** A prefix stands where an address is needed. */
  | 'SERVICE_ADDRESS'
  /** A rule's priority is out of range. */
  | 'SERVICE_PRIORITY'
  /** A rule's weight is out of range. */
  | 'SERVICE_WEIGHT'
  /** A rule says neither where to, nor to delay, nor to drop. */
  | 'SERVICE_TARGET'
  /** A rule sends to the host itself. */
  | 'SERVICE_LOOP'
  /** A rule's time-out is not more than 0. */
  | 'SERVICE_TIMEOUT'
  /** Of one prefix and one priority, a rule that delays or drops stands beside another. */
  | 'SERVICE_CONTRADICTION'
  /** The table, or the set of targets of one prefix, is full. */
  | 'SERVICE_FULL'

/** An error of the service names' closed set. The message says what to do. */
export class ServiceError extends Error {
  readonly code: ServiceCode

  constructor(code: ServiceCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'ServiceError'
    this.code = code
  }
}
