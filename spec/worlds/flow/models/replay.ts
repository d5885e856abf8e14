import { at } from '../../../../checker/text/at.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import { networkBounds, onOff, SPACE, upTo } from '../../bounds.ts'
import { reassignRules, replayRules } from '../attackers.ts'
import { flowModel } from '../scene.ts'
import { networkOptions, slot } from '../slots.ts'
import { ROLE } from '../state.ts'

const { CONNECTED } = CONNECTION

export const replay = flowModel({
  name: 'replay',
  shows:
    'An attacker replays any packet that it has seen, any number of times, while an address that the client has left passes to a host with a flow of the same flowID.',
  leavesOut:
    'An attacker on the path who alters the packets that it replays, their source address included: nothing prevents that without a key over the packet.',
  bounds: {
    ...networkBounds(2, 2),
    moves: upTo('moves of the client', 1, 2, 2),
    bystander: onOff('another host has a flow with the same flowID and may get the address', 1),
    data: upTo('data packets of each end', 1, 1, 2),
    closes: upTo('who may close: 0 nobody, 1 the client, 2 the client and the servers', 0, 1, 2),
    giveUp: onOff('retransmission may be given up at any time', 0),
  },
  scene: b => {
    const client = { role: ROLE.CLIENT, id: 1, data: b.data }
    const server = {
      role: ROLE.CHILD,
      id: 2,
      iss: 9,
      data: b.data,
      closes: b.closes >= 2 ? 1 : 0,
    }
    return {
      slots: [
        slot({
          ...client,
          name: 'client',
          host: 0,
          nonce: 1,
          home: 1,
          addresses: [1, 2],
          target: 3,
          moves: b.moves,
          closes: b.closes >= 1 ? 1 : 0,
        }),
        slot({ ...server, name: 'server', host: 1, nonce: 2, home: 3 }),
        ...(b.bystander === 1
          ? [
              slot({
                ...client,
                name: 'bystander',
                iss: 3,
                host: 2,
                nonce: 3,
                home: 4,
                addresses: [4, 1],
                target: 5,
              }),
              slot({ ...server, name: 'other server', host: 3, nonce: 4, home: 5 }),
            ]
          : []),
      ],
      options: {
        widths: { flows: 2, nonces: 4, addresses: 5, space: SPACE },
        ...networkOptions(b),
        duplication: 0,
        giveUp: b.giveUp,
        backlog: 0,
        reassignable: b.bystander === 1 ? [1] : [],
      },
      rules: [...replayRules(b.capacity), ...(b.bystander === 1 ? reassignRules([1], 2) : [])],
    }
  },
  witnesses: [
    {
      name: 'the client has moved',
      seen: w => at(w.flow, 1).peer === 2 && at(w.flow, 0).connection === CONNECTED,
    },
    { name: 'the address is given away', seen: w => w.owner[1] === 2 },
  ],
})
