/** Scenes: hand-written runs of the models that violate nothing. The corpus holds them beside the counterexamples. */

import type { Trace } from '../checker/trace/format.ts'
import { recordTrace } from '../checker/trace/record.ts'
import { Recorder } from '../checker/trace/recorder.ts'
import { settingOf } from '../checker/trace/setting.ts'
import type { Bounds } from '../spec/worlds/model.ts'
import { catalogue } from './catalogue.ts'

export interface Scene {
  /** The name of its file. */
  readonly name: string
  readonly title: string
  readonly model: string
  readonly bounds?: Bounds
  /** Choices, each named by the beginning of its label. `SETTLE` delivers packets until none is in flight. */
  readonly choices: readonly string[]
}

const SETTLE = '*'
const shake = ['connect client', SETTLE]
const openService = ['listen listener', 'connect first client', SETTLE]

export const scenes: readonly Scene[] = [
  {
    name: 'move-and-close',
    title: 'Two ends connect, the client moves, and both close.',
    model: 'two-party',
    choices: [
      ...shake,
      'move client to 2',
      SETTLE,
      'close client',
      SETTLE,
      'close server',
      SETTLE,
      'expire client',
    ],
  },
  {
    name: 'lost-handshake',
    title: 'The network loses each packet of the handshake once, and the ends retransmit it.',
    model: 'two-party',
    choices: [
      ...['connect client', 'lose SYN', 'timeout client', 'deliver SYN', 'lose SYNACK', 'timeout server'],
      ...['deliver SYNACK', 'lose ACK', 'timeout client', SETTLE],
    ],
  },
  {
    name: 'lost-move',
    title: 'The network loses each packet of a move once, and the ends retransmit it.',
    model: 'two-party',
    choices: [
      ...[...shake, 'move client to 2', 'lose RSYN', 'timeout client', 'deliver RSYN', 'lose RSYNACK'],
      ...['timeout server', 'deliver RSYNACK', 'lose ACK 2>3', 'timeout server', SETTLE],
    ],
  },
  {
    name: 'crossing-moves',
    title: 'Both ends move at once and find each other.',
    model: 'crossing',
    choices: [...shake, 'move client to 2', 'move server to 4', SETTLE],
  },
  {
    name: 'crossing-moves-lost',
    title: 'Both ends move at once, and the first RSYN of each is lost.',
    model: 'crossing',
    choices: [
      ...[...shake, 'move client to 2', 'move server to 4', 'lose RSYN 2>3', 'lose RSYN 4>1'],
      ...['timeout client', 'timeout server', SETTLE],
    ],
  },
  {
    name: 'move-there-and-back',
    title: 'The client moves, and moves back before an answer arrives; its first RSYN arrives last.',
    model: 'crossing',
    choices: [
      ...shake,
      'move client to 2',
      'move client to 1',
      'deliver RSYN 1>3',
      'deliver RSYN 2>3',
      SETTLE,
    ],
  },
  {
    name: 'late-answer-while-moving-back',
    title:
      'The server moves back to its first address; a copy of its SYN-ACK arrives before that address is proved.',
    model: 'crossing',
    bounds: { clientMoves: 1, serverMoves: 2 },
    choices: [
      ...[
        'connect client',
        'deliver SYN',
        'duplicate SYNACK',
        'deliver SYNACK',
        'deliver ACK',
        'deliver ACK',
      ],
      ...['move server to 4', 'deliver RSYN', 'deliver RSYNACK', 'deliver ACK', 'deliver ACK'],
      ...['move server to 3', 'deliver RSYN', 'deliver SYNACK', SETTLE],
    ],
  },
  {
    name: 'move-given-up',
    title: 'The client gives up a move that nobody answers, and the flow continues at the old address.',
    model: 'two-party',
    bounds: { giveUp: 1, data: 1 },
    choices: [
      ...shake,
      'move client to 2',
      'lose RSYN',
      'give up client',
      'send client',
      SETTLE,
      'send server',
      SETTLE,
    ],
  },
  {
    name: 'move-given-up-while-closing',
    title:
      'The client moves after its FIN arrived and the ACK was lost; it gives the move up and closes with a newer version.',
    model: 'two-party',
    bounds: { giveUp: 1 },
    choices: [
      ...[...shake, SETTLE, 'close client', 'deliver FIN', 'lose ACK', 'move client to 2', 'lose RSYN'],
      ...['give up client', 'timeout client', SETTLE, 'close server', SETTLE, 'expire client'],
    ],
  },
  {
    name: 'move-while-closing',
    title: 'The server moves after the client has closed; its RSYN carries its FIN.',
    model: 'two-party',
    choices: [
      ...[...shake, 'close client', SETTLE, 'move server to 4', 'close server', 'lose RSYN 4>1', SETTLE],
      'expire client',
    ],
  },
  {
    name: 'close-at-once',
    title: 'Both ends close at once, and one FIN is lost.',
    model: 'two-party',
    choices: [
      ...[...shake, 'close client', 'close server', 'lose FIN 1>3', 'deliver FIN 3>1', SETTLE],
      ...['timeout client', SETTLE, 'expire client', 'expire server'],
    ],
  },
  {
    name: 'abort',
    title: 'One end aborts, and its RST ends the other.',
    model: 'two-party',
    choices: [...shake, 'abort client', SETTLE],
  },
  {
    name: 'gone-without-a-word',
    title: 'One end aborts and its RST is lost; the other gets a RST when it sends data.',
    model: 'two-party',
    bounds: { data: 1 },
    choices: [...shake, 'abort client', 'lose RST', 'send server', SETTLE],
  },
  {
    name: 'data-across-a-move',
    title: 'Data flows both ways before, during and after a move.',
    model: 'two-party',
    bounds: { data: 3, capacity: 4 },
    choices: [
      ...[...shake, 'send client', 'send server', 'move client to 2', SETTLE],
      ...['send client', 'send server', SETTLE],
    ],
  },
  {
    name: 'forged',
    title: 'An attacker forges packets without the nonce, and nothing changes.',
    model: 'off-path',
    choices: [
      ...[...shake, 'forge RST to client from its own', 'forge FIN to server from the peer'],
      ...['forge RSYN to server from its own', 'move client to 2', 'forge RSYNACK to client from the peer'],
      ...['forge ACK to server from its own', SETTLE],
    ],
  },
  {
    name: 'two-instances',
    title: 'Two instances answer a SYN; the client keeps the first that answers and resets the other.',
    model: 'anycast',
    choices: [
      ...['connect client', 'duplicate SYN', 'resolve SYN 1>5 flow 1>0 v14 a0 n1 to the first'],
      ...['resolve SYN 1>5 flow 1>0 v14 a0 n1 to the second', 'deliver SYN 1>3', 'deliver SYN 1>4', SETTLE],
    ],
  },
  {
    name: 'same-flowid',
    title: 'A listener distinguishes two clients with the same flowID and version.',
    model: 'two-clients',
    choices: [
      ...openService,
      'connect second client',
      SETTLE,
      'send first client',
      'send second client',
      SETTLE,
    ],
  },
  {
    name: 'accepted-in-turn',
    title: 'Flows of two clients wait at a listener and are accepted; a repeated SYN creates no second flow.',
    model: 'handshake',
    bounds: { duplication: 1 },
    choices: [
      ...[
        'listen listener',
        'connect first client',
        'duplicate SYN',
        SETTLE,
        'connect second client',
        SETTLE,
      ],
      ...['accept listener', 'accept listener', 'close first client', SETTLE, 'close first server', SETTLE],
    ],
  },
  {
    name: 'address-given-away',
    title: 'The client moves away, and a host with the same flowID gets its old address.',
    model: 'replay',
    choices: [
      ...['connect client', SETTLE, 'connect bystander', SETTLE, 'send server', 'move client to 2'],
      ...['deliver RSYN', 'deliver RSYNACK', 'reassign address 1', SETTLE, 'send client', SETTLE],
    ],
  },
  {
    name: 'behind-a-router',
    title:
      'A SYN names a victim in SOURCE. A client behind a router loses its SYN-ACK and connects with its next SYN.',
    model: 'reflection',
    choices: [
      ...[
        'listen listener',
        'claim SYN',
        'deliver SYNACK',
        'timeout first server',
        'claim SYN',
        'lose SYNACK',
      ],
      ...['connect client', 'forward SYN', 'lose SYNACK', 'timeout second server', 'timeout second server'],
      ...['timeout client', 'forward SYN', SETTLE, 'timeout first server', 'timeout first server'],
    ],
  },
  {
    name: 'both-addresses-dead',
    title: 'Both ends move at once, both old addresses are dead, and the rendezvous relays a RSYN.',
    model: 'rendezvous',
    choices: [
      ...[...shake, 'the addresses where both began are dead', 'move client to 2', 'move server to 4'],
      ...['the client announces', 'the server announces', 'timeout client', 'relay RSYN', SETTLE],
    ],
  },
  {
    name: 'a-loop-is-cut',
    title: 'Two hops forward to each other after their better rules are removed.',
    model: 'resolution',
    bounds: { changes: 5 },
    choices: [
      ...['take rule 1 out of near', 'take rule 2 out of near', 'take rule 1 out of far'],
      ...['take rule 2 out of far', 'take rule 4 out of far', 'connect to 10 by rule 1', SETTLE],
    ],
  },
  {
    name: 'waiting-for-a-controller',
    title:
      'Packets for two services wait; the controller answers for one, and is gone before it answers for the other.',
    model: 'delay',
    choices: [
      ...['packet 1 arrives', 'packet 3 arrives', 'packet 3 arrives again', 'the controller sets service 1'],
      ...['the answer for service 1 arrives', 'timeout of service 2', 'the controller is gone'],
      'the hop learns',
    ],
  },
]

/** Makes a scene's choices. Throws an Error for a choice that is not enabled; the scene must then be corrected. */
export function recordScene({ title, model, bounds = {}, choices }: Scene): Trace {
  const setting = settingOf({ model, bounds }, catalogue)
  const recorder = new Recorder(setting)
  const rules: number[] = []
  const take = (beginning: string): boolean => {
    const choice = recorder.choices().find(({ label }) => label.startsWith(beginning))
    if (!choice) return false
    recorder.take(choice)
    rules.push(choice.rule)
    return true
  }
  for (const [index, choice] of choices.entries())
    if (choice === SETTLE) while (take('deliver ')) {}
    else if (!take(choice)) {
      const enabled = recorder.choices().map(({ label }) => label)
      throw new Error(`choice ${index + 1}, '${choice}', is not enabled; enabled are ${enabled.join('; ')}`)
    }
  return recordTrace(setting, rules, { source: 'hand', title })
}
