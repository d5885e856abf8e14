/** Errors of a host's own application. Packets never cause one: they are counted. */
export type SalErrorCode =
  /** No rule matches the service. Add a rule, or give `via`. */
  | 'SAL_NO_ROUTE'
  /** The host has no address that reaches the destination. Add one. */
  | 'SAL_NO_ADDRESS'
  /** Another listener has the service. Close it, or choose another service. */
  | 'SAL_IN_USE'
  /** A limit of the host is reached. Close flows, or raise the limit. */
  | 'SAL_LIMIT'
  /** The flow's state does not allow this. Wait until it is connected, or open another flow. */
  | 'SAL_STATE'

export class SalError extends Error {
  readonly code: SalErrorCode

  constructor(code: SalErrorCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'SalError'
    this.code = code
  }
}
