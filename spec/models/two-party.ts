/** One client, one server, moves on each side, close by either. */
import { CONNECTION } from '../flow/states.ts'
import type { Model } from './model.ts'
import { type Part, ROLE } from './shape.ts'

const onOff = (what: string, value: number) => ({ what, default: value, deep: value, min: 0, max: 1 })

export const capacity = (value: number, deep: number) => ({
  what: 'packets that the network holds',
  default: value,
  deep,
  min: 1,
  max: 8,
})

export const part = (
  given: Partial<Part> & Pick<Part, 'name' | 'role' | 'host' | 'nonce' | 'home'>,
): Part => ({
  id: given.nonce,
  iss: 14,
  addresses: [given.home],
  target: 0,
  moves: 0,
  data: 0,
  closes: 0,
  aborts: 0,
  ...given,
})

export const twoParty: Model = {
  name: 'two-party',
  shows:
    'Connecting, moving and closing by either end over a network that loses, duplicates and reorders, with every order of timers.',
  leavesOut: 'Attackers, listeners, more than one flow, and both ends moving more often than the bounds say.',
  bounds: {
    capacity: capacity(3, 4),
    clientMoves: { what: 'moves of the client', default: 1, deep: 2, min: 0, max: 3 },
    serverMoves: { what: 'moves of the server', default: 0, deep: 1, min: 0, max: 3 },
    data: { what: 'data packets of each end', default: 0, deep: 1, min: 0, max: 3 },
    closes: { what: 'who may close: 0 nobody, 1 the client, 2 both', default: 2, deep: 2, min: 0, max: 2 },
    loss: onOff('packets may be lost', 1),
    duplication: onOff('packets may be duplicated', 1),
    reordering: onOff('packets may be reordered', 1),
    aborts: onOff('ends may abort', 0),
    giveUp: onOff('retransmission may be given up at any time', 0),
  },
  scene: b => ({
    parts: [
      part({
        name: 'client',
        role: ROLE.CLIENT,
        host: 0,
        nonce: 1,
        home: 1,
        addresses: [1, 2],
        target: 3,
        moves: b.clientMoves!,
        data: b.data!,
        closes: b.closes! >= 1 ? 1 : 0,
        aborts: b.aborts!,
      }),
      part({
        name: 'server',
        role: ROLE.CHILD,
        host: 1,
        nonce: 2,
        iss: 9,
        home: 3,
        addresses: [3, 4],
        moves: b.serverMoves!,
        data: b.data!,
        closes: b.closes! >= 2 ? 1 : 0,
        aborts: b.aborts!,
      }),
    ],
    options: {
      widths: { flows: 2, nonces: 2, addresses: 4, space: 16 },
      capacity: b.capacity!,
      ordered: 1 - b.reordering!,
      loss: b.loss!,
      duplication: b.duplication!,
      giveUp: b.giveUp!,
      backlog: 0,
    },
  }),
  witnesses: [
    { name: 'both ends connected', seen: w => w.flow.every(f => f.connection === CONNECTION.CONNECTED) },
    { name: 'both ends closed', seen: w => w.flow.every(f => f.connection === CONNECTION.CLOSED) },
  ],
}
