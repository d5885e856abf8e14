import { CodedError, type ErrorTable } from '../../checker/text/errors.ts'

/** Errors of a host's own application. Packets never cause one: they are counted. */
export const SAL_ERRORS = {
  SAL_NO_ROUTE: ['No rule matches the service.', 'Add a rule, or give `via`.'],
  SAL_NO_ADDRESS: ['The host has no address that reaches the destination.', 'Add one.'],
  SAL_IN_USE: ['Another listener has the service.', 'Close it, or choose another service.'],
  SAL_LIMIT: ['A limit of the host is reached.', 'Close flows, or raise the limit.'],
  SAL_FAMILY: ['The address is of another family than the peer.', "Choose an address of the peer's family."],
  SAL_STATE: ["The flow's state does not allow this.", 'Wait until it is connected, or open another flow.'],
} as const satisfies ErrorTable

export type SalErrorCode = keyof typeof SAL_ERRORS

export class SalError extends CodedError<SalErrorCode> {
  override readonly name = 'SalError'
}
