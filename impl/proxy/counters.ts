/** Counts what a proxy did. */
import { codeOf } from './errors.ts'

export interface ProxyCounters {
  /** TCP connections: accepted, open now, the most at once, and those that the limit refused. */
  accepted: number
  open: number
  mostOpen: number
  full: number
  /** Requests by kind: SOCKS, CONNECT of HTTP, other requests of HTTP, redirected connections, pages of the proxy itself. */
  socks: number
  connects: number
  requests: number
  redirected: number
  pages: number
  /** Connections that the proxy opened to services, and to other hosts. */
  toServices: number
  toHosts: number
  /** Of these, broken before both directions had ended. */
  broken: number
  /** Bytes of these connections, in both directions. */
  bytesSent: number
  bytesReceived: number
  /** Requests that failed, by the code of the error. */
  failed: Record<string, number>
}

export const newCounters = (): ProxyCounters => ({
  ...{ accepted: 0, open: 0, mostOpen: 0, full: 0 },
  ...{ socks: 0, connects: 0, requests: 0, redirected: 0, pages: 0 },
  ...{ toServices: 0, toHosts: 0, broken: 0, bytesSent: 0, bytesReceived: 0, failed: {} },
})

/** Codes of the system and of this project are a closed set; this limit holds should one ever carry a client's text. */
const CODES_LIMIT = 64

/** Counts a failure under its code. */
export function countFailure({ failed }: ProxyCounters, error: unknown): void {
  const code = codeOf(error)
  const key = code in failed || Object.keys(failed).length < CODES_LIMIT ? code : 'UNKNOWN'
  failed[key] = (failed[key] ?? 0) + 1
}
