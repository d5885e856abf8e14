/** The rules that a simulated run must keep. */
export const RULES = {
  bytes: 'A reader gets the bytes that were written, in order (invariants 30, 31).',
  orderly: 'A flow that no fault excuses ends in order, at both ends, with all bytes delivered (41).',
  error: 'A flow ends with an error only where a fault explains it (24).',
  progress:
    'Once the network works again, everything written arrives in time, and all moves complete (7, 23).',
  leak: 'When all flows have ended, nothing is left: no flow, timer, byte, or entry of a listener (4).',
  timer: 'The retransmission timer runs exactly while something is owed (20).',
  state: 'States and registers change only by steps of the machine, along its transitions.',
  identity: 'A flow keeps its flowIDs and nonces for its life (11).',
  version: 'Versions move forward (13, 15).',
  address: 'A peer is followed only to where it is, and where it answered from (16).',
  early: 'Nothing moves before the handshake is confirmed (27).',
  frozen: 'Data leave only from and to the proved addresses, and not while a flow moves (32).',
  ghost: 'Nothing is delivered to a flow that is over (42).',
  resolved:
    'A first packet goes to an instance that is offered at that time, has the highest priority (43, 49), and knows the requested service.',
  hop: 'No packet returns to a router, or passes more routers than there are (46).',
  stateless:
    'A router keeps no state of a flow, and relays only the packets that a move needs, each once (26).',
  bound:
    'A flow is at the address of the instance that answered first, and no other instance has it (44, 45).',
  endless: 'A run ends.',
  thrown: 'Nothing throws.',
} as const

export type RuleName = keyof typeof RULES
