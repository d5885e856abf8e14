/** Counts of one link's datagrams. They never decrease. */
export interface Counters {
  sent: number
  sentBytes: number
  /** Arrived at a local address. */
  received: number
  receivedBytes: number
  /** Not sent: longer than the MTU. */
  tooLong: number
  /** Not sent: `from` is not, or no longer, a local address. */
  notLocal: number
  /** Not sent: `to` is unreachable from `from`: port 0, IPv6 from IPv4, or a forgotten address. */
  noWay: number
  /** Not sent: the queue is full. */
  queueFull: number
  /** Not sent: the link is closed. */
  closed: number
  /** Not delivered: the link has no listener, or (then not counted as received) the table has no room for the sender. */
  unheard: number
  /** Refused by the system after Node accepted them, by error code, such as ENETUNREACH. Node reports only some of them. */
  errors: Record<string, number>
}

export const newCounters = (): Counters => ({
  sent: 0,
  sentBytes: 0,
  received: 0,
  receivedBytes: 0,
  tooLong: 0,
  notLocal: 0,
  noWay: 0,
  queueFull: 0,
  closed: 0,
  unheard: 0,
  errors: {},
})
