/** Mutants that no trial catches, and the reasons why that is correct. */

export interface Survivors {
  readonly reason: string
  readonly mutants: readonly string[]
}

const each = (transitions: string, what: string): string[] =>
  transitions
    .trim()
    .split(/ *\n */)
    .map(transition => `${transition}: ${what}`)

/** The mutant takes another step than the original, which violates nothing. */
const harmless: readonly Survivors[] = [
  {
    reason:
      'An authentic SYN-ACK from where the server moves to is late: the server has the flow, which no RST that refuses a handshake ends.',
    mutants: ['connection.CONNECTED SYNACK #2: guard true'],
  },
  {
    reason:
      'An end that cannot act violates no invariant. spec/machines/flow/calls.test.ts lists the states in which applications and the last timeout may act.',
    mutants: each(
      `connection.REQUEST CLOSE
      connection.REQUEST ABORT
      connection.CONNECTED SEND
      connection.CONNECTED ABORT
      connection.FINWAIT1 SEND
      connection.FINWAIT1 ABORT
      connection.FINWAIT2 SEND
      connection.FINWAIT2 ABORT
      connection.CLOSING ABORT
      connection.CLOSEWAIT SEND
      connection.CLOSEWAIT ABORT
      connection.LASTACK ABORT
      migration.INITIAL GIVEUP
      migration.RSYN_SENT MOVE
      migration.RSYN_SENT GIVEUP
      migration.RSYN_RECV MOVE
      migration.RSYN_RECV GIVEUP
      migration.RSYN_SENT_RECV MOVE
      migration.RSYN_SENT_RECV GIVEUP
      listener.OPEN ACCEPT`,
      'removed',
    ),
  },
  {
    reason:
      'A FIN inside a RSYN of another version than the one taken gets one ACK more, which says what is so and calls for no other (54).',
    mutants: ['connection.TIMEWAIT RSYN #2: repeated true'],
  },
  {
    reason:
      'Only a late RSYN without a FIN reaches TIME-WAIT, from a peer that is in TIME-WAIT too. The host sends it one more ACK.',
    mutants: each('connection.TIMEWAIT RSYN #1\nconnection.TIMEWAIT RSYN #2', 'hasFin true'),
  },
  {
    reason:
      'One ACK more, to who has the nonce: it says what is so, leaves from an address in use, and no ACK calls for another (54).',
    mutants: ['migration.INITIAL RSYNACK: live true', 'migration.INITIAL RSYNACK: acknowledges true'],
  },
  {
    reason:
      'The RSYN confirms the handshake, and is repeated until it is answered: the next one finds the flow live.',
    mutants: ['migration.INITIAL RSYN #1: (responding and acknowledges) false'],
  },
  {
    reason:
      "Version and source prove the address; what the packet acknowledges matters only to this end's own proof, which is repeated.",
    mutants: ['migration.RSYN_RECV RSYNACK #1: acknowledges true'],
  },
  {
    reason: 'A SYN without room is dropped in any case: the transition only counts it.',
    mutants: ['listener.OPEN SYN #3: removed'],
  },
  {
    reason: 'A listener that is shut admits nobody: its count decides nothing any more.',
    mutants: each('listener.SHUT ESTABLISHED\nlistener.SHUT FAILED', 'removed'),
  },
]

/**
 * What no trial notices although another step than the original is taken. Each reason says what tells it today, or which
 * world is missing.
 */
const unseen: readonly Survivors[] = [
  {
    reason: 'The FIN leaves inside a RSYN-ACK instead, and the peer takes it there as well.',
    mutants: ['connection.CONNECTED CLOSE #1: removed'],
  },
  {
    reason:
      'Defect S37 shows these in the world rendezvous with closes=2, which is too large to explore for every mutant: an end that validates its peer closes, and only its RSYN-ACK reaches the peer.',
    mutants: [
      ...each('connection.CONNECTED CLOSE #3\nconnection.CLOSEWAIT CLOSE #3', 'removed'),
      ...each('connection.CONNECTED CLOSE #3\nconnection.CLOSEWAIT CLOSE #3', 'guard true'),
      ...each('connection.CONNECTED CLOSE #3\nconnection.CLOSEWAIT CLOSE #3', 'hasCredit false'),
      ...each('connection.CONNECTED CLOSE #3\nconnection.CLOSEWAIT CLOSE #3', 'candidateIsPeer false'),
      ...each('connection.CONNECTED CLOSE #4\nconnection.CLOSEWAIT CLOSE #4', 'removed'),
    ],
  },
  {
    reason:
      'FINWAIT2 repeats its FIN to learn whether the peer is still there. No world says that a half-closed flow of an idle peer must outlive the timer for the last time; impl/host/flows/halfClosed.test.ts does.',
    mutants: [
      ...each('connection.FINWAIT2 ACK\nconnection.FINWAIT2 EXPIRE #2', 'removed'),
      ...each(
        'connection.FINWAIT2 ACK\nconnection.FINWAIT2 RSYN #2\nconnection.FINWAIT2 RSYNACK #2',
        'acknowledges true',
      ),
    ],
  },
  {
    reason:
      'A late RSYN-ACK, whose FIN was taken before or which has none, gets one ACK more. It says what is so and calls for no answer (54).',
    mutants: [
      ...each(
        `connection.CLOSING RSYNACK #2
        connection.CLOSEWAIT RSYNACK
        connection.LASTACK RSYNACK #2`,
        'fresh true',
      ),
      ...each(
        `connection.CLOSING RSYNACK #2
        connection.CLOSEWAIT RSYNACK
        connection.LASTACK RSYNACK #2
        migration.INITIAL RSYNACK
        migration.RSYN_SENT RSYNACK #2
        migration.RSYN_SENT_RECV RSYNACK #4`,
        'hasFin true',
      ),
      ...each(
        `connection.TIMEWAIT RSYNACK
        migration.INITIAL RSYNACK
        migration.RSYN_SENT RSYNACK #2
        migration.RSYN_RECV RSYNACK #2
        migration.RSYN_SENT_RECV RSYNACK #4`,
        '(repeated or fresh) true',
      ),
      ...each('connection.TIMEWAIT RSYNACK', 'fresh false'),
      ...each('connection.CLOSING RSYNACK #2\nconnection.LASTACK RSYNACK #2', 'removed'),
    ],
  },
  {
    reason:
      'Data from the server settles the first ACK. The guards decide when the repetition ends, and another RSYN-ACK or ACK settles it as well: a world whose server answers with nothing but data is missing.',
    mutants: [
      ...each('migration.INITIAL DATA', 'guard true'),
      ...each('migration.INITIAL DATA', 'owesHandshake true'),
      ...each('migration.INITIAL DATA', 'fromFlow true'),
    ],
  },
  {
    reason:
      'One answer more, without state, to a SYN that asked for it. The world counts flows and places, not answers; impl/host/flows/flood.test.ts and reflection.test.ts count them.',
    mutants: [
      ...each('listener.OPEN SYN #3', 'guard true'),
      ...each('listener.OPEN SYN #3', 'queueHasRoom true'),
      ...each('listener.OPEN SYN #4', 'removed'),
      ...each('listener.OPEN CONFIRM #2', 'guard true'),
      ...each('listener.OPEN CONFIRM #2', 'genuine true'),
      ...each('listener.OPEN CONFIRM #2', 'not known true'),
    ],
  },
  {
    reason:
      'A confirmation that finds the memory full: with two clients and a memory of two it never is. impl/host/flows/flood.test.ts fills it.',
    mutants: ['listener.OPEN CONFIRM #1: hasMemory true'],
  },
]

/** The same steps are taken. */
const equivalent: readonly Survivors[] = [
  {
    reason:
      "What acknowledges this end's FIN is newer than all that does not, and the first of it that comes leads out of the state: it is never old.",
    mutants: each('connection.CLOSING FIN #1\nconnection.LASTACK FIN #1', '(repeated or fresh) true'),
  },
  {
    reason: 'The listener compares SYNs: a flow is given none but the one that it was made from.',
    mutants: ['connection.RESPOND SYN: guard true'],
  },
  {
    reason:
      'The nonce is known only to who has the SYN-ACK, and the SYN-ACK is all that has been sent: what is authentic in RESPOND acknowledges it.',
    mutants: each(
      `connection.RESPOND ACK
      connection.RESPOND FIN
      connection.RESPOND RSYN #1
      connection.RESPOND RSYN #2
      migration.INITIAL RSYN #1`,
      'acknowledges true',
    ),
  },
  {
    reason:
      'Only the SYN has been consumed in RESPOND, and no other packet has its version: all others are fresh.',
    mutants: each(
      `connection.RESPOND FIN
      connection.RESPOND RSYN #1
      connection.RESPOND RSYN #2
      connection.RESPOND RST`,
      'fresh true',
    ),
  },
  {
    reason:
      'The first FIN that is taken leads out of CONNECTED, FINWAIT1 and FINWAIT2: there every FIN of the peer is fresh.',
    mutants: each(
      `connection.CONNECTED FIN
      connection.CONNECTED RSYN
      connection.FINWAIT1 FIN #1
      connection.FINWAIT1 FIN #2
      connection.FINWAIT1 RSYN #1
      connection.FINWAIT1 RSYN #2
      connection.FINWAIT2 FIN
      connection.FINWAIT2 RSYN #1
      connection.CONNECTED RSYNACK
      connection.FINWAIT1 RSYNACK #1
      connection.FINWAIT1 RSYNACK #2
      connection.FINWAIT2 RSYNACK #1`,
      'fresh true',
    ),
  },
  {
    reason:
      'Data for somebody else reaches no flow of a model in these states: the bystander does not close first. In CONNECTED and CLOSEWAIT the same condition is missed (31).',
    mutants: each(
      `connection.RESPOND DATA
      connection.FINWAIT1 DATA
      connection.FINWAIT2 DATA`,
      'guard true',
    ),
  },
  {
    reason: 'What is not owed is settled without effect.',
    mutants: [
      'migration.INITIAL GIVEUP: guard true',
      ...each(
        `migration.INITIAL ACK
        migration.INITIAL FIN
        migration.RSYN_RECV ACK #2`,
        'owesProof true',
      ),
    ],
  },
  {
    reason: 'The same condition stands in the guard a second time.',
    mutants: ['migration.RSYN_SENT_RECV RSYNACK #1: authentic true'],
  },
  {
    reason:
      'Each RSYN of a version leaves from one address: a repeated one comes from where it came from before.',
    mutants: each(
      `migration.RSYN_RECV RSYN #2
      migration.RSYN_SENT_RECV RSYN #3
      migration.RSYN_SENT_RECV RSYN #4`,
      'fromCandidate true',
    ),
  },
  {
    reason:
      'To a candidate that is the proved address both ways of repeating send the same packet, and there is no credit to spend.',
    mutants: [
      'migration.RSYN_RECV TIMEOUT #1: candidateIsPeer false',
      'migration.RSYN_SENT_RECV TIMEOUT #1: candidateIsPeer false',
      'guard candidateIsPeer: false everywhere',
    ],
  },
  {
    reason: 'A SYN that is known is taken by the transition before.',
    mutants: ['listener.OPEN SYN #2: not known true'],
  },
  {
    reason: 'Until our FIN is acknowledged, the flow owes control in each of these states.',
    mutants: [
      ...each(
        'connection.FINWAIT1 TIMEOUT\nconnection.CLOSING TIMEOUT\nconnection.LASTACK TIMEOUT',
        'owesControl true',
      ),
      ...each(
        'connection.FINWAIT1 GIVEUP\nconnection.CLOSING GIVEUP\nconnection.LASTACK GIVEUP',
        'owesControl true',
      ),
    ],
  },
  {
    reason: 'The listener gives a flow only the SYN that the flow was made from.',
    mutants: ['listener.OPEN SYN #3: not known true'],
  },
]

export const survivors: readonly Survivors[] = [...harmless, ...unseen, ...equivalent]

/** The reason why nobody notices a mutant. */
export const reasonOf = (mutant: string): string | undefined =>
  survivors.find(({ mutants }) => mutants.includes(mutant))?.reason
