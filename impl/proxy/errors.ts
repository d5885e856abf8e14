/** Errors of the proxy, and what a client of either protocol reads of each error. */
import { CodedError, clauseOf, type ErrorTable } from '../../checker/text/errors.ts'

export const PROXY_ERRORS = {
  PROXY_REFUSED: [
    'The host is no service, and this proxy forwards nothing else.',
    'Use a name such as `web.acme.serval`, or start the proxy with `--direct`.',
  ],
  PROXY_TARGET: [
    'The request names no valid host and port.',
    'Send CONNECT with HOST:PORT, or a URL that begins with `http://`.',
  ],
  PROXY_COMMAND: ['The proxy opens connections only; it refuses BIND and UDP ASSOCIATE.', 'Send CONNECT.'],
  PROXY_ADDRESS_TYPE: [
    'The address in the SOCKS request is neither IPv4, nor IPv6, nor a name.',
    'Correct the client.',
  ],
  PROXY_LOGIN: ['The client wants to log in, and the proxy has no users.', 'Offer SOCKS without a login.'],
  PROXY_FLOOD: [
    'The client sent more requests than it may before the first answer.',
    'Wait for answers, or open more connections.',
  ],
  PROXY_GARBAGE: ['The client speaks neither SOCKS5 nor HTTP.', 'Correct the client.'],
  PROXY_SLOW: ['The client did not complete its request in time.', 'Send the request at once.'],
  PROXY_GONE: ['The client left before its request was complete.', 'Try again.'],
} as const satisfies ErrorTable

export type ProxyCode = keyof typeof PROXY_ERRORS

export class ProxyError extends CodedError<ProxyCode> {
  override readonly name = 'ProxyError'

  constructor(code: ProxyCode, subject?: string) {
    super(code, `${subject === undefined ? '' : `${subject}: `}${clauseOf(PROXY_ERRORS[code])}`)
  }
}

/** The reply of SOCKS (RFC 1928, section 6), the status of HTTP, and the type of the error in `Proxy-Status` (RFC 9209). */
export interface Answer {
  readonly reply: number
  readonly status: number
  readonly type: string
}

const answer = (reply: number, status: number, type: string): Answer => ({ reply, status, type })

const UNEXPECTED = answer(1, 502, 'proxy_internal_error')
const UNROUTABLE = answer(4, 502, 'destination_ip_unroutable')
const FULL = answer(1, 503, 'connection_limit_reached')
const CUT = answer(1, 502, 'connection_terminated')

const ANSWERS: Readonly<Record<string, Answer>> = {
  PROXY_REFUSED: answer(2, 403, 'http_request_denied'),
  PROXY_TARGET: answer(1, 400, 'http_request_error'),
  PROXY_COMMAND: answer(7, 400, 'http_request_error'),
  PROXY_ADDRESS_TYPE: answer(8, 400, 'http_request_error'),
  ECONNREFUSED: answer(5, 502, 'connection_refused'),
  ENOTFOUND: answer(4, 502, 'destination_not_found'),
  EAI_AGAIN: answer(4, 502, 'dns_error'),
  ENETUNREACH: answer(3, 502, 'destination_ip_unroutable'),
  EHOSTUNREACH: UNROUTABLE,
  EADDRNOTAVAIL: UNROUTABLE,
  ETIMEDOUT: answer(6, 504, 'connection_timeout'),
  ECONNRESET: CUT,
  EPIPE: CUT,
  ECANCELED: CUT,
  EUNPROVED: answer(1, 502, 'destination_unavailable'),
  ENOBUFS: FULL,
  EMFILE: FULL,
  ENFILE: FULL,
}

/** Returns the code of an error; `UNKNOWN` if it has none. */
export const codeOf = (error: unknown): string => {
  const { code } = Object(error)
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : 'UNKNOWN'
}

/** Returns the answer for an error. */
export const answerOf = (error: unknown): Answer => {
  const code = codeOf(error)
  if (code.startsWith('SERVICE_')) return answer(1, 400, 'http_request_error')
  if (code.startsWith('HPE_')) return answer(1, 502, 'http_protocol_error')
  return ANSWERS[code] ?? UNEXPECTED
}

/** Returns an error as a sentence with its code. */
export function sentenceOf(error: unknown): string {
  const code = codeOf(error)
  const { message } = error instanceof Error ? error : new Error(String(error))
  // As Node has them: `connect ECONNREFUSED 127.0.0.1:9`.
  const rest = message.replace(new RegExp(`^(\\w+ )?${code}:? `), '')
  return `${code}: ${rest}`
}
