/** The rules that a simulated run must keep. */
export const RULES = {
  bytes: 'Bytes that are read are those that were written, in order (invariants 30, 31).',
  orderly: 'A flow that nothing explains away ends orderly, at both ends, with all bytes delivered (41).',
  error: 'A flow ends with an error only where a fault explains it (24).',
  progress:
    'When the network is well again, everything that was written arrives in time, and moves are complete (7, 23).',
  leak: 'When all flows have ended nothing is left: no flow, timer, byte, or entry of a listener (4).',
  timer: 'The retransmission timer runs exactly while something is owed (20).',
  state: 'States and registers change by steps of the machine alone, along its transitions.',
  identity: 'A flow keeps its flowIDs and nonces for its life (11).',
  version: 'Versions move forward (13, 15).',
  address: 'A peer is followed only to where it is, and where it answered from (16).',
  early: 'Nothing moves before the handshake is confirmed (27).',
  frozen: 'Data leave only from and to the proved addresses, and not while a flow moves (32).',
  ghost: 'Nothing is delivered to a flow that is over (42).',
  resolved:
    'A first packet is led to an instance that is offered then, at the highest priority (43, 49), which knows what was asked for.',
  hop: 'No packet is sent on to where it was, or by more routers than there are (46).',
  stateless: 'A router keeps nothing of any flow, and relays nothing but what a move takes, once (26).',
  bound:
    'A flow is at the address of the instance that answered first, and no other instance has it (44, 45).',
  endless: 'A run comes to its end.',
  thrown: 'Nothing throws.',
} as const

export type RuleName = keyof typeof RULES

/** One thing that a run broke. */
export interface Finding {
  readonly rule: RuleName
  readonly atMs: number
  /** In words, with names of hosts and flows. */
  readonly what: string
}

/** Kept of one run: what follows the first is mostly its consequence. */
const MOST_FINDINGS = 20

export class Findings {
  readonly list: Finding[] = []

  add(rule: RuleName, atMs: number, what: string): void {
    if (this.list.length < MOST_FINDINGS) this.list.push({ rule, atMs, what })
  }
}
