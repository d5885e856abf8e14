/** Where mutants are tried: small worlds, the quickest first, that together take every turn of the machines. */
import type { Bounds } from '../../spec/models/model.ts'

export interface Trial {
  readonly model: string
  /** Bounds other than the model's defaults. */
  readonly bounds: Bounds
}

export const trials: readonly Trial[] = [
  { model: 'two-party', bounds: { capacity: 1 } },
  { model: 'crossing', bounds: { capacity: 1 } },
  { model: 'handshake', bounds: { capacity: 1, clients: 1, closes: 3, aborts: 1 } },
  { model: 'two-party', bounds: { capacity: 1, data: 1, closes: 1 } },
  { model: 'two-party', bounds: { capacity: 1, aborts: 1, giveUp: 1 } },
  { model: 'crossing', bounds: { capacity: 2 } },
  { model: 'two-party', bounds: { capacity: 2 } },
  { model: 'off-path', bounds: { capacity: 1 } },
  { model: 'anycast', bounds: { capacity: 2 } },
  { model: 'two-clients', bounds: { capacity: 1 } },
  { model: 'two-party', bounds: { capacity: 1, clientMoves: 2, serverMoves: 1 } },
  { model: 'two-party', bounds: { capacity: 2, data: 1, closes: 1 } },
  { model: 'crossing', bounds: { capacity: 2, clientMoves: 2 } },
  { model: 'handshake', bounds: { capacity: 1, closes: 1 } },
  { model: 'crossing', bounds: { capacity: 2, giveUp: 1 } },
  { model: 'replay', bounds: { capacity: 1, data: 1 } },
  { model: 'off-path', bounds: { capacity: 1, closes: 2 } },
  { model: 'two-party', bounds: { capacity: 2, aborts: 1, giveUp: 1 } },
]
