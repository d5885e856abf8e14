/** Mutants that nobody notices in any trial, and why that is right. What is a survivor and not named here is not explained yet. */

export interface Survivors {
  readonly reason: string
  readonly mutants: readonly string[]
}

export const survivors: readonly Survivors[] = [
  {
    reason:
      'Who cannot do a thing breaks no rule by not doing it, and the flow ends all the same: refused, confirmed and closed later, or given up.',
    mutants: [
      'connection.REQUEST CLOSE: removed',
      'connection.REQUEST ABORT: removed',
      'connection.RESPOND CLOSE: removed',
    ],
  },
  {
    reason: 'The listener compares SYNs: a flow is given none but the one that it was made from.',
    mutants: ['connection.RESPOND SYN: guard true'],
  },
  {
    reason:
      'The nonce is known only to who has the SYN-ACK, and the SYN-ACK is all that has been sent: what is authentic in RESPOND acknowledges it.',
    mutants: [
      'connection.RESPOND ACK: acknowledges true',
      'connection.RESPOND FIN: acknowledges true',
      'connection.RESPOND RSYN #1: acknowledges true',
      'connection.RESPOND RSYN #2: acknowledges true',
      'migration.INITIAL RSYN #1: acknowledges true',
    ],
  },
  {
    reason:
      'Only the SYN has been consumed in RESPOND, and no other packet has its version: all others are fresh.',
    mutants: [
      'connection.RESPOND FIN: fresh true',
      'connection.RESPOND RSYN #1: fresh true',
      'connection.RESPOND RSYN #2: fresh true',
      'connection.RESPOND RST: fresh true',
    ],
  },
  {
    reason: 'The client repeats its ACK, which confirms as well as its data; data may be lost at any time.',
    mutants: ['connection.RESPOND DATA: removed'],
  },
  {
    reason: 'Forged data is in no model: it has no nonce, and only the unguessable flowIDs keep it out.',
    mutants: ['connection.RESPOND DATA: guard true'],
  },
  {
    reason:
      'The RSYN confirms the handshake, and is repeated until it is answered: the next one finds the flow live.',
    mutants: ['migration.INITIAL RSYN #1: (responding and acknowledges) false'],
  },
]

/** The reason why nobody notices a mutant. */
export const reasonOf = (mutant: string): string | undefined =>
  survivors.find(({ mutants }) => mutants.includes(mutant))?.reason
