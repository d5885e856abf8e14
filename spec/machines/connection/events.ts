import type { AnyEventOf, EventOf } from '../../../checker/lower/typed.ts'

/**
 * The events of a connection and their fields. `flow` is one flow; `flows`, `wishes` and `backups` are sets of them: a bit for each
 * flow that the host keeps for this connection.
 */
export const CONNECTION_FIELDS = {
  /** The application adds a flow. `flow` is a free bit, or 0 if there is none. `backup` 1: it is to be a backup. */
  ADD: ['flow', 'backup'],
  /**
   * The SYN of a flow that joins. `flow` and `backup` as above. `proves` is 1 if it proves the keys. `known` is 1 if it has already
   * created a flow. `copies`: handshakes in progress that copies of it began, which came from other addresses. `spent` is 1 if a
   * flow that it began has opened.
   */
  JOIN: ['flow', 'backup', 'proves', 'known', 'copies', 'spent'],
  /** A flow is connected. */
  UP: ['flow'],
  /** The peer has shown that the flow is connected at its end too. */
  CONFIRMED: ['flow'],
  /** A flow has ended; `why` is one of ENDED. */
  DOWN: ['flow', 'why'],
  /** The application makes a flow a backup, or not any more. */
  MARK: ['flow', 'backup'],
  /** The application removes a flow. */
  REMOVE: ['flow'],
  /** This end keeps these flows after all: their addresses are back, or a removal takes too long. */
  KEEP: ['flows'],
  /** The opener looks whether it can remove a flow that either end wants to end. */
  HEED: ['flow'],
  /** Everything is sent and acknowledged, with its end. */
  CLOSE: [],
  /** The peer's FIN has come in this flow. `ended` is 1 if the end of the peer's data has arrived. */
  FIN: ['flow', 'ended'],
  ABORT: [],
  /** The addresses of this end, or what it wants for its flows, have changed. */
  CHANGE: [],
  /** The timer of an advertisement that has no echo. */
  RETRY: [],
  /**
   * The peer's advertisement. `wishes`: flows that the peer wants to end, or that lead to an address it no longer has. `backups`:
   * flows that it wants as backups. `named`: flows that it has in the connection.
   */
  ADVERTISED: ['version', 'proves', 'wishes', 'backups', 'named'],
  /** The peer has an advertisement of this end. */
  ECHOED: ['version', 'proves'],
} as const

export type ConnectionEvent = EventOf<typeof CONNECTION_FIELDS>
export type AnyConnectionEvent = AnyEventOf<typeof CONNECTION_FIELDS>
