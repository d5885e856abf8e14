/** Where mutants are tried: small worlds, the quickest first, that together take every turn of the machines. */
import type { Bounds } from '../../spec/models/model.ts'

export interface Trial {
  readonly model: string
  /** The rest is at its least. */
  readonly bounds: Bounds
}

const moves = { clientMoves: 1, serverMoves: 1 }

export const trials: readonly Trial[] = [
  { model: 'two-party', bounds: { capacity: 1, clientMoves: 1, closes: 2 } },
  { model: 'crossing', bounds: { capacity: 1, ...moves } },
  { model: 'handshake', bounds: { capacity: 1, backlog: 2, closes: 2, shut: 1, aborts: 1 } },
  { model: 'two-party', bounds: { capacity: 1, clientMoves: 1, data: 1, closes: 1 } },
  { model: 'two-party', bounds: { capacity: 1, clientMoves: 1, closes: 2, aborts: 1, giveUp: 1 } },
  { model: 'crossing', bounds: { capacity: 2, ...moves } },
  { model: 'two-party', bounds: { capacity: 2, clientMoves: 1, closes: 2 } },
  { model: 'anycast', bounds: { capacity: 2, moves: 1 } },
  { model: 'two-clients', bounds: { capacity: 1 } },
  { model: 'off-path', bounds: { capacity: 1, ...moves } },
  { model: 'two-party', bounds: { capacity: 2, clientMoves: 1, data: 1, closes: 1 } },
  { model: 'two-party', bounds: { capacity: 1, clientMoves: 2, serverMoves: 1, closes: 2 } },
  { model: 'crossing', bounds: { capacity: 2, clientMoves: 2, serverMoves: 1 } },
  { model: 'handshake', bounds: { capacity: 1, clients: 2, backlog: 2, closes: 1 } },
  { model: 'crossing', bounds: { capacity: 2, ...moves, giveUp: 1 } },
  { model: 'replay', bounds: { capacity: 1, moves: 1, bystander: 1, data: 1 } },
  { model: 'two-party', bounds: { capacity: 2, clientMoves: 1, closes: 2, aborts: 1, giveUp: 1 } },
  { model: 'off-path', bounds: { capacity: 1, ...moves, closes: 2 } },
]
