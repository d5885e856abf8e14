/**
 * Errors as Node's own sockets have them: a code, the call that failed (`syscall`), the system's number. What SAL or the
 * link said is kept as `cause`. docs/sockets.md says what to do about each.
 */
import { constants } from 'node:os'
import { SalError } from '../host/errors.ts'
import { LinkError } from '../link/errors.ts'

export type SocketErrorCode =
  /** Nobody listens on the service there. Start its server, or correct where the client looks for it. */
  | 'ECONNREFUSED'
  /** The peer ended the connection at once, or lost it. Connect again. */
  | 'ECONNRESET'
  /**
   * The peer did not prove the key of the service.
   * Check the name, and the rule that leads to that address.
   */
  | 'EUNPROVED'
  /** The peer was silent for too long. Connect again. */
  | 'ETIMEDOUT'
  /** The program writes after the peer has ended. Set `allowHalfOpen` to go on writing. */
  | 'EPIPE'
  /** No rule matches the service. Give `via`, or add a rule with `addService`. */
  | 'ENOTFOUND'
  /** No address of this host reaches the destination. Add one. */
  | 'ENETUNREACH'
  /** The service or the address is in use. Close the other socket, or choose another name or port. */
  | 'EADDRINUSE'
  /** The address is not one of this host. Choose one of the stack's addresses. */
  | 'EADDRNOTAVAIL'
  /** A limit of the host is reached. Close sockets, or raise the limit in the stack's options. */
  | 'ENOBUFS'
  /** Nothing answered at the new address; the flow stays where it was. Move again when the path works. */
  | 'EHOSTUNREACH'
  /** Another move, or the end of the flow, came first. Wait for the first to finish. */
  | 'ECANCELED'
  /** The socket is not connected. Connect first. */
  | 'ENOTCONN'
  /** The socket is connected already. Use another socket. */
  | 'EISCONN'
  /** The message is longer than a packet holds. Split it. */
  | 'EMSGSIZE'
  /** The stack is closed. Open another. */
  | 'ESHUTDOWN'
  /** An option or a call is not valid. Correct what the message names. */
  | 'EINVAL'

const SENTENCES: Readonly<Record<SocketErrorCode, string>> = {
  ECONNREFUSED: 'nobody listens to the service there; start its server, or correct where it is looked for',
  ECONNRESET: 'the peer ended the connection at once; connect again',
  EUNPROVED:
    "the peer did not prove that it holds the service's key; check the name, and who leads to that address",
  ETIMEDOUT: 'the peer was silent for too long; connect again',
  EPIPE: 'the peer has ended; set allowHalfOpen to go on writing',
  ENOTFOUND: "no rule says where the service is; give 'via', or add a rule with addService",
  ENETUNREACH: 'no address of this host reaches there; add one',
  EADDRINUSE: 'it is in use already; close the other, or choose another name or port',
  EADDRNOTAVAIL: 'the address is not one of this host; see the addresses of the stack',
  ENOBUFS: 'a limit is reached; close some, or raise it in the options of the stack',
  EHOSTUNREACH: 'nothing answered there; the flow stays where it was',
  ECANCELED: 'another move, or the end, came between',
  ENOTCONN: 'there is no connection; connect first',
  EISCONN: 'there is a connection already; make another socket',
  EMSGSIZE: 'the message is longer than a packet holds; split it',
  ESHUTDOWN: 'the stack is closed; make another',
  EINVAL: 'this cannot be',
}

/** There never was a peer. */
const UNANSWERED = 'nobody answered there; start the service, or correct where it is looked for'

const sentenceOf = (code: SocketErrorCode, syscall: string): string =>
  code === 'ETIMEDOUT' && syscall === 'connect' ? UNANSWERED : SENTENCES[code]

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
  SAL_STATE: 'ENOTCONN',
  LINK_IN_USE: 'EADDRINUSE',
  LINK_NO_ADDRESS: 'EADDRNOTAVAIL',
  LINK_REFUSED: 'EADDRNOTAVAIL',
  LINK_CLOSED: 'ESHUTDOWN',
  LINK_OPTION: 'EINVAL',
  LINK_ADDRESS: 'EINVAL',
}

/** What a host or a link refused, as sockets say it. All else is passed on as it is. */
export function asSocketError(error: unknown, syscall: string, service?: string): Error {
  if (error instanceof SalError || error instanceof LinkError)
    return socketError(CODES[error.code] ?? 'EINVAL', syscall, { service, cause: error })
  return error instanceof Error ? error : new Error(String(error))
}
