import { CONNECTION } from '../../../machines/flow/states.ts'
import { networkBounds, onOff, SPACE, upTo } from '../../bounds.ts'
import { promptBounds } from '../../prompt.ts'
import { flowModel } from '../scene.ts'
import { networkOptions, slot } from '../slots.ts'
import { ROLE } from '../state.ts'

const { CONNECTED } = CONNECTION

export const twoClients = flowModel({
  name: 'two-clients',
  shows:
    'Two clients on two hosts, with the same flowID and the same first version number, connect to one listener, which tells them apart.',
  leavesOut: 'Simultaneous moves, and clients that share a nonce, which is too unlikely to happen.',
  bounds: {
    ...networkBounds(1, 2),
    moves: upTo('moves of the first client', 1, 1, 2),
    data: upTo('data packets of each end', 1, 1, 2),
    closes: upTo('who may close: 0 nobody, 1 the clients, 2 clients and servers', 0, 1, 2),
    giveUp: onOff('retransmission may be given up at any time', 0),
  },
  prompt: promptBounds,
  scene: b => {
    const client = {
      role: ROLE.CLIENT,
      id: 1,
      target: 4,
      data: b.data,
      closes: b.closes >= 1 ? 1 : 0,
    }
    const server = { host: 2, home: 4, data: b.data, closes: b.closes >= 2 ? 1 : 0 }
    return {
      slots: [
        slot({
          ...client,
          name: 'first client',
          host: 0,
          nonce: 1,
          home: 1,
          addresses: [1, 2],
          moves: b.moves,
        }),
        slot({ ...client, name: 'second client', host: 1, nonce: 2, home: 3 }),
        slot({ ...server, name: 'listener', role: ROLE.LISTENER, nonce: 0, closes: 0, data: 0 }),
        slot({ ...server, name: 'first server', role: ROLE.CHILD, nonce: 3, id: 2, iss: 9 }),
        slot({ ...server, name: 'second server', role: ROLE.CHILD, nonce: 4, id: 3, iss: 5 }),
      ],
      options: {
        widths: { flows: 3, nonces: 4, addresses: 4, space: SPACE },
        ...networkOptions(b),
        giveUp: b.giveUp,
        backlog: 2,
      },
    }
  },
  witnesses: [
    {
      name: 'both clients connected',
      seen: w => w.flow.every(f => f.role === ROLE.LISTENER || f.connection === CONNECTED),
    },
  ],
})
