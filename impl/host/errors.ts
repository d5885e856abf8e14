/** What a host refuses to do for its own application. Packets never cause one: they are counted. */
export type SalErrorCode =
  /** No rule says where the service is. */
  | 'SAL_NO_ROUTE'
  /** The host has no address from which the destination could be reached. */
  | 'SAL_NO_ADDRESS'
  /** The service is listened to already. */
  | 'SAL_IN_USE'
  /** A limit of the host is reached. */
  | 'SAL_LIMIT'
  /** What was asked is not possible in the flow's state. */
  | 'SAL_STATE'

export class SalError extends Error {
  readonly code: SalErrorCode

  constructor(code: SalErrorCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'SalError'
    this.code = code
  }
}
