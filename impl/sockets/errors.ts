/**
 * Errors as Node's own sockets have them: a code, the call that failed (`syscall`), the system's number. What SAL or the
 * link said is kept as `cause`.
 */

import { constants } from 'node:os'
import { clauseOf, type ErrorTable } from '../../checker/text/errors.ts'
import { SalError } from '../host/errors.ts'
import { LinkError } from '../link/errors.ts'

export const SOCKET_ERRORS = {
  ECONNREFUSED: [
    'Nobody listens on the service there.',
    'Start its server, or correct where the client looks for it.',
  ],
  ECONNRESET: ['The peer ended the connection at once, or lost it.', 'Connect again.'],
  EUNPROVED: [
    'The peer did not prove the key of the service.',
    'Check the name and the rule that leads to that address.',
  ],
  ETIMEDOUT: [
    'The peer was silent for too long.',
    'Connect again; `deadAfterMs` sets how long a silence may last.',
  ],
  EPIPE: ['The program writes after the peer has ended.', 'Set `allowHalfOpen` to keep writing.'],
  ENOTFOUND: [
    'No rule matches the service, or the controller does not know it.',
    'Give `via`, or add a rule with `addService`; with `serval/register`, set SERVAL_VIA or SERVAL_CONTROLLER.',
  ],
  ENETUNREACH: ['No address of this host reaches the destination.', 'Add one.'],
  EADDRINUSE: [
    'The service or the address is in use.',
    'Close the other socket, or choose another name or port.',
  ],
  EAFNOSUPPORT: [
    'An address of that family cannot reach the peer.',
    "Choose an address of the peer's family.",
  ],
  EADDRNOTAVAIL: ['The address is not one of this host.', "Choose one of the stack's addresses."],
  ENOBUFS: ['A limit of the host is reached.', "Close sockets, or raise the limit in the stack's options."],
  EHOSTUNREACH: [
    'Nothing answered at the new address; the flow stays where it was.',
    'Move again when the path works.',
  ],
  ESECRET: ["The file of the user's secret is open to others, or is none.", 'Chmod it to 600, or remove it.'],
  ECANCELED: ['Another move, or the end of the flow, came first.', 'Wait for the first to finish.'],
  EOPNOTSUPP: [
    'The connection has one flow only.',
    "Let both ends take several: leave out `flows: 'one'`, and update an older peer.",
  ],
  EBUSY: [
    'The last flow of a connection stays until the connection ends.',
    'Add another flow first, or close the socket.',
  ],
  ENOTCONN: ['The socket is not connected.', 'Connect first.'],
  EISCONN: ['The socket is connected already.', 'Use another socket.'],
  EMSGSIZE: ['The message is longer than a packet holds.', 'Split it.'],
  ESHUTDOWN: ['The stack is closed.', 'Open another.'],
  EINVAL: ['An option or a call is not valid.', 'Correct what the message names.'],
  ERR_INVALID_ARG_TYPE: ['An argument has the wrong type.', 'Correct what the message names.'],
  ERR_INVALID_ARG_VALUE: ['An option does not exist for sockets.', 'Leave it out.'],
  ERR_MISSING_ARGS: ['The call names no service.', 'Give a service, or a host such as web.acme.serval.'],
  ERR_OUT_OF_RANGE: ['A number is too small or too large.', 'Correct what the message names.'],
  ERR_SERVER_ALREADY_LISTEN: ['The server listens already.', 'Close it first, or make another server.'],
  ERR_SERVER_NOT_RUNNING: ['The server does not listen.', 'Call `listen` first.'],
  ERR_SOCKET_CLOSED: ['The socket has no connection to reset.', 'Connect first.'],
  ERR_SOCKET_CLOSED_BEFORE_CONNECTION: [
    'The socket was destroyed before it was connected.',
    'Wait for `connect` before you destroy it.',
  ],
} as const satisfies ErrorTable

/** The codes of sockets; docs/errors.md lists them. */
export type SocketErrorCode = keyof typeof SOCKET_ERRORS

/** There never was a peer. */
const UNANSWERED = 'nobody answered there; start the service, or correct where the client looks for it'

const sentenceOf = (code: SocketErrorCode, syscall: string): string =>
  code === 'ETIMEDOUT' && syscall === 'connect' ? UNANSWERED : clauseOf(SOCKET_ERRORS[code])

/** An error of a socket, with the fields of Node's own: `code`, `syscall`, `errno`. */
export interface SocketError extends NodeJS.ErrnoException {
  readonly code: SocketErrorCode
  readonly syscall: string
  /** The service, as it was given. */
  readonly service?: string
  readonly address?: string
  readonly port?: number
}

export interface ErrorDetails {
  readonly service?: string | undefined
  readonly address?: string | undefined
  readonly port?: number | undefined
  readonly cause?: unknown
  /** Instead of the code's own sentence. */
  readonly sentence?: string
}

/** `socketError('ECONNREFUSED', 'connect', { service: 'acme/echo' })`. */
export function socketError(code: SocketErrorCode, syscall: string, details: ErrorDetails = {}): SocketError {
  const { service, address, port, cause, sentence = sentenceOf(code, syscall) } = details
  const subject = [service, address === undefined ? undefined : `${address}:${port ?? 0}`].filter(Boolean)
  const message = `${[syscall, code, ...subject].join(' ')}: ${sentence}`
  const error = new Error(message, cause === undefined ? undefined : { cause })
  const errno = (constants.errno as Record<string, number>)[code]
  const known = { errno: errno === undefined ? undefined : -errno, code, syscall, service, address, port }
  for (const [name, value] of Object.entries(known))
    if (value !== undefined) Object.assign(error, { [name]: value })
  return error as SocketError
}

const CODES: Readonly<Record<string, SocketErrorCode>> = {
  SAL_NO_ROUTE: 'ENOTFOUND',
  SAL_NO_ADDRESS: 'ENETUNREACH',
  SAL_IN_USE: 'EADDRINUSE',
  SAL_LIMIT: 'ENOBUFS',
  SAL_FAMILY: 'EAFNOSUPPORT',
  SAL_STATE: 'ENOTCONN',
  LINK_IN_USE: 'EADDRINUSE',
  LINK_NO_ADDRESS: 'EADDRNOTAVAIL',
  LINK_REFUSED: 'EADDRNOTAVAIL',
  LINK_CLOSED: 'ESHUTDOWN',
  LINK_OPTION: 'EINVAL',
  LINK_ADDRESS: 'EINVAL',
}

/** Translates the errors of hosts and links into errors of sockets. Returns all others unchanged. */
export function asSocketError(error: unknown, syscall: string, service?: string): Error {
  if (error instanceof SalError || error instanceof LinkError) {
    const code = CODES[error.code] ?? 'EINVAL'
    // Only the cause names the value that is not valid.
    const named = code === 'EINVAL' ? { sentence: error.message.replace(`${error.code}: `, '') } : {}
    return socketError(code, syscall, { service, cause: error, ...named })
  }
  return error instanceof Error ? error : new Error(String(error))
}
