/** What became of the datagrams of one link. Only ever counted up. */
export interface Counters {
  sent: number
  sentBytes: number
  /** Arrived at a local address. */
  received: number
  receivedBytes: number
  /** Not sent: longer than the link's MTU. */
  tooLong: number
  /** Not sent: `from` is not a local address, or not any more. */
  notLocal: number
  /** Not sent: nothing can be sent to `to` from there: port 0, IPv6 from IPv4, or an address that was forgotten. */
  noWay: number
  /** Not sent: more was waiting than may wait. */
  queueFull: number
  /** Not sent: the link is closed. */
  closed: number
  /** Not delivered: nobody listens, or (and then not counted as received) the sender's address has no number. */
  unheard: number
  /** Refused by the system after it was given to it, as far as it was asked; by its code, such as ENETUNREACH. */
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
