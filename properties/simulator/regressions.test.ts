/** Plans that once broke a rule. Each stands for a repaired fault. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decodePlan } from './decode.ts'
import { simulate } from './simulate.ts'

const PLANS = [
  [
    'both ends are uprooted while one finishes: its FIN travels inside the RSYN-ACK',
    'uprooted-while-finishing',
  ],
  ['a FIN gets lost for more than a minute: FIN-WAIT-2 asks and waits', 'fin-lost-beyond-a-minute'],
  ['a host loses its address while both ends finish, with heavy loss', 'vanished-while-finishing'],
  ['the ACK gets lost behind a flood: its repetition confirms the handshake', 'connected-through-a-flood'],
  [
    'the answer to the first ACK gets lost and nobody says anything: the ACK may be owed',
    'answer-lost-then-silence',
  ],
  ['an end in FIN-WAIT-2 asks its peer just before the judge looks', 'asks-in-fin-wait-2'],
  [
    'a mapping lives shorter than the keep-alive interval: the answer to an announcement is a sign of life',
    'mapping-shorter-than-keep-alive',
  ],
  [
    'a client closes after its mapping is gone: in FIN-WAIT-2 it announces where it is',
    'closing-behind-a-lost-mapping',
  ],
  [
    'a client is suspended, and stalls as soon as it wakes: neither counts against the server',
    'stalled-twice',
  ],
  [
    'one of two networks goes for good, and the mappings of the other expire: each flow announces itself',
    'one-network-of-two',
  ],
  [
    'data leave behind a new mapping after a slow handshake: the answered announcement asks what has arrived',
    'ignored-before-an-announcement',
  ],
  [
    'a mapping gets lost while the server validates it: the client begins its announcement again',
    'rebound-while-its-peer-validates',
  ],
  [
    'a mapping gets lost while the client validates a server that moves: the client announces itself',
    'rebound-while-its-peer-moves',
  ],
  [
    'the last ACK of a close gets lost together with the mapping of the client: the server asks until its tries are spent',
    'last-ack-lost-with-its-mapping',
  ],
  [
    'the address of one flow disappears while the peer has confirmed no other: the flow stays',
    'unconfirmed-beside-a-lost-address',
  ],
  [
    'an application removes a flow, and the others lose an address and a network for good: nothing is left',
    'removed-beside-a-reassigned-address',
  ],
  [
    'a backup leaves by the network of the first flow, which goes: another backup has taken the other network',
    'backup-on-the-same-network',
  ],
  [
    'an address of two flows returns: one advertisement keeps both, so that the peer removes neither',
    'kept-together',
  ],
  [
    'the handshake of a backup fails while its network is dark: it is tried again when nothing else works',
    'failed-pair-works-again',
  ],
  [
    'the peer removes the flows that were to stay: an end without an address opens one from another',
    'left-without-an-address',
  ],
  ['a flow ends inside its own step: its place is freed once', 'released-inside-a-step'],
  [
    'the end of the data leaves in a flow that freezes before others join: another flow repeats it',
    'frozen-before-another-joins',
  ],
  ['nothing answers the keep-alive of a client with dead flows: it opens others', 'idle-behind-dead-flows'],
  [
    'a client that has closed loses its address to another host: the server asks until its tries are spent',
    'closed-peer-lost-its-address',
  ],
  [
    'a network goes for good while its peer still validates a move into it: the flow has only that',
    'moved-into-a-dying-network',
  ],
  [
    'a client announces itself with growing gaps: one of them may outlast its last wait',
    'announcing-when-the-mapping-returns',
  ],
  [
    'a translator has no port for longer than an end waits, also for several flows',
    'no-port-for-several-flows',
  ],
  [
    'a server stalls for as long as a client announces itself: it may answer to a mapping that is gone',
    'announced-to-a-stalled-server',
  ],
  [
    'the SYN that saves a connection names a flow that its peer has removed, by a flowID with its highest bit',
    'names-a-removed-flow',
  ],
  [
    'a client loses its mapping while it is stalled for a minute: it announces itself too late for the server',
    'stalled-beyond-its-mapping',
  ],
  ['only the client has a flow outside a network that goes for good', 'half-open-elsewhere'],
  [
    'both ends move at once into a network that goes dark: a new flow takes the addresses that they have left',
    'moved-at-once-into-darkness',
  ],
  [
    'a network goes for good, and the address of the only other flow of messages becomes another host’s',
    'reassigned-beside-a-dying-network',
  ],
  [
    'a stall makes round trips look long: the peer of a lost segment answers before the timeout',
    'stalled-behind-a-slow-timer',
  ],
  [
    'a stall makes round trips look long, and a network goes for good: new flows repeat the data',
    'stalled-beside-new-flows',
  ],
  [
    'two hosts are cut off, and one takes over an address of the other: no path is left',
    'cut-beside-a-reassigned-address',
  ],
  ['all addresses of an end that has closed return: it keeps all of its flows', 'returned-together'],
] as const

test.each(PLANS)('%s', (_, name) => {
  const text = readFileSync(new URL(`plans/${name}.json`, import.meta.url), 'utf8')
  expect(simulate(decodePlan(text))).toMatchObject({ verdict: 'holds', findings: [] })
})
