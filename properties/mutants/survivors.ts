/** The mutants that no trial catches, and the reason for each. `classes.ts` explains whole classes of them. */
import { classes } from './classes.ts'

export interface Survivors {
  readonly reason: string
  readonly mutants: readonly string[]
}

const each = (transitions: string, what: string): string[] =>
  transitions
    .trim()
    .split(/ *\n */)
    .map(transition => `${transition}: ${what}`)

/** Mutants whose steps differ from the original's, but violate nothing. */
const harmless: readonly Survivors[] = [
  {
    reason:
      'An honest peer that has negotiated challenges puts one into each of these packets. A peer that leaves it out harms only its own flow.',
    mutants: [
      ...each(
        `migration.RSYN_SENT RSYNACK #1
        migration.RSYN_SENT RSYN #1
        migration.RSYN_SENT_RECV RSYNACK #1
        migration.RSYN_SENT_RECV RSYNACK #2
        migration.RSYN_SENT_RECV RSYN #1
        migration.RSYN_SENT_RECV RSYN #3`,
        'isChallenged true',
      ),
      'flow guard isChallenged: true everywhere',
    ],
  },
  {
    reason:
      'In `lying-peer` the server does not move, so it never validates while it moves. The same mutants of RSYN_RECV violate 16 there.',
    mutants: each(
      `migration.RSYN_SENT_RECV RSYNACK #1
      migration.RSYN_SENT_RECV RSYNACK #3
      migration.RSYN_SENT_RECV ACK
      migration.RSYN_SENT_RECV FIN`,
      'echoes true',
    ),
  },
  {
    reason:
      'An authentic SYN-ACK from the address that the server moves to is a late copy. The server has the flow, and a RST that refuses a handshake does not end it.',
    mutants: ['connection.CONNECTED SYNACK #2: guard true'],
  },
  {
    reason:
      'In `joining` the accepter does not move. From an end that moves back to the address that it has, an ACK would prove the move (invariant 17).',
    mutants: ['connection.CONNECTED ACK: still true'],
  },
  {
    reason:
      'A joiner whose proof is not answered again repeats it until it gives up. impl/host/connections/removals.test.ts would see a removal wait forever.',
    mutants: ['connection.CONNECTED ACK: removed'],
  },
  {
    reason:
      'An end that cannot act violates no invariant. spec/machines/flow/calls.test.ts lists the states in which an application and the last timeout may act.',
    mutants: each(
      `connection.REQUEST CLOSE
      connection.REQUEST ABORT
      connection.CONNECTED ABORT
      connection.FINWAIT1 ABORT
      connection.FINWAIT2 ABORT
      connection.CLOSING ABORT
      connection.CLOSEWAIT ABORT
      connection.LASTACK ABORT
      migration.INITIAL GIVEUP
      migration.RSYN_SENT MOVE
      migration.RSYN_SENT GIVEUP #2
      migration.RSYN_RECV MOVE
      migration.RSYN_RECV GIVEUP
      migration.RSYN_SENT_RECV MOVE
      migration.RSYN_SENT_RECV GIVEUP #2`,
      'removed',
    ),
  },
  {
    reason:
      'No property requires that a closed end sends data while neither end moves: its transport acknowledges what comes.',
    mutants: each('connection.FINWAIT1 SEND\nconnection.FINWAIT2 SEND', 'still false'),
  },
  {
    reason:
      'An end whose address is gone moves to it once more before it gives up. Nothing requires that it gives up at once.',
    mutants: each('migration.RSYN_SENT GIVEUP #1\nmigration.RSYN_SENT_RECV GIVEUP #1', 'continues true'),
  },
  {
    reason:
      'In a model nothing gives up the move by which an end goes back. impl/host/flows/makeBeforeBreak.test.ts does, and would see it begin again without end.',
    mutants: [
      ...each('migration.RSYN_SENT GIVEUP #1\nmigration.RSYN_SENT_RECV GIVEUP #1', 'not isReturning true'),
      'flow guard isReturning: false everywhere',
    ],
  },
  {
    reason:
      'The end sends one more ACK, for a FIN in a RSYN whose version is not that of the accepted FIN. That ACK is true, and no packet answers it (54).',
    mutants: ['connection.TIMEWAIT RSYN #2: repeated true'],
  },
  {
    reason:
      'A RSYN without a FIN reaches TIME-WAIT only late, from a peer that is in TIME-WAIT too. The host sends it one more ACK.',
    mutants: each('connection.TIMEWAIT RSYN #1\nconnection.TIMEWAIT RSYN #2', 'hasFin true'),
  },
  {
    reason:
      'The end sends one more ACK to a peer that has the nonce. That ACK is true, its source address is in use, and no packet answers it (54).',
    mutants: ['migration.INITIAL RSYNACK #1: acknowledges true'],
  },
  {
    reason:
      'The RSYN confirms the handshake, and the peer repeats it until it gets an answer. The next RSYN reaches a live flow.',
    mutants: ['migration.INITIAL RSYN #1: (responding and acknowledges and proves) false'],
  },
  {
    reason:
      "Version and source prove the peer's address. The acknowledgment number matters only for this end's own proof, which the end repeats.",
    mutants: ['migration.RSYN_RECV RSYNACK #1: acknowledges true'],
  },
  {
    reason: 'A closed listener accepts no SYN, so its counters decide nothing.',
    mutants: each('listener.SHUT ESTABLISHED\nlistener.SHUT FAILED', 'removed'),
  },
]

/**
 * Mutants whose wrong steps no trial catches. Each reason names what catches them today, or the world that is missing.
 */
const unseen: readonly Survivors[] = [
  {
    reason:
      "The world rendezvous with closes=2 shows these (defect S37), but it is too large to explore for every mutant: an end closes while it validates its peer's address, and only its RSYN-ACK reaches the peer.",
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
      'An end in FINWAIT2 repeats its FIN to learn whether the peer is still alive. No world requires that a half-closed flow with an idle peer outlives the last timeout; impl/host/flows/halfClosed.test.ts does.',
    mutants: ['connection.FINWAIT2 EXPIRE #3: removed'],
  },
  {
    reason:
      'The end sends one more ACK, for a late RSYN-ACK that carries no FIN or one that the end has already accepted. That ACK is true, and no packet answers it (54).',
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
        migration.INITIAL RSYNACK #2
        migration.RSYN_SENT RSYNACK #2
        migration.RSYN_SENT_RECV RSYNACK #4`,
        'hasFin true',
      ),
      ...each(
        `connection.TIMEWAIT RSYNACK
        migration.INITIAL RSYNACK #2
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
      'Data from the server confirms the first ACK, and the guards decide when the client stops repeating it. A RSYN-ACK or an ACK confirms it as well. A world whose server answers with data only is missing.',
    mutants: [...each('migration.INITIAL DATA', 'fromFlow true')],
  },
  {
    reason:
      'The listener sends one more stateless answer to a SYN. The world counts flows and free slots, not answers; impl/host/flows/flood.test.ts and reflection.test.ts count answers.',
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
      'The guard matters when the memory of confirmed answers is full. Two clients never fill a memory of two; impl/host/flows/flood.test.ts fills it.',
    mutants: ['listener.OPEN CONFIRM #1: hasMemory true'],
  },
]

/** Mutants that take the same steps as the original. */
const equivalent: readonly Survivors[] = [
  {
    reason:
      "A packet that acknowledges this end's FIN is newer than every packet that does not, and the first such packet leaves the state. So the packet is never old.",
    mutants: each('connection.CLOSING FIN #1\nconnection.LASTACK FIN #1', '(repeated or fresh) true'),
  },
  {
    reason: 'The listener compares SYNs. It gives a flow only the SYN that created the flow.',
    mutants: ['connection.RESPOND SYN: guard true'],
  },
  {
    reason:
      'Only the receiver of the SYN-ACK knows the nonce, and the server has sent nothing else. So every authentic packet in RESPOND acknowledges the SYN-ACK.',
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
      'In RESPOND the flow has consumed only the SYN, and no other packet has its version. So all other packets are fresh.',
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
      'The first FIN that an end accepts leaves CONNECTED, FINWAIT1 and FINWAIT2. So in these states every FIN of the peer is fresh.',
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
      'No model delivers data of another flow in these states, because the bystander does not close first. In CONNECTED and CLOSEWAIT invariant 31 catches the same mutation.',
    mutants: [
      'connection.RESPOND DATA: fromFlow true',
      ...each('connection.FINWAIT1 DATA\nconnection.FINWAIT2 DATA', 'guard true'),
    ],
  },
  {
    reason: 'Confirming an obligation that the flow does not owe has no effect.',
    mutants: ['migration.INITIAL GIVEUP: guard true'],
  },
  {
    reason: 'The guard contains the same condition a second time.',
    mutants: ['migration.RSYN_SENT_RECV RSYNACK #1: authentic true'],
  },
  {
    reason:
      'An end sends all RSYNs of one version from one address. So a repeated RSYN has the same source address as the first.',
    mutants: each(
      `migration.RSYN_RECV RSYN #2
      migration.RSYN_SENT_RECV RSYN #3
      migration.RSYN_SENT_RECV RSYN #4`,
      'fromCandidate true',
    ),
  },
  {
    reason:
      'If the candidate is the proved address, both transitions send the same packet, and neither spends credit.',
    mutants: [
      'migration.RSYN_RECV TIMEOUT #1: candidateIsPeer false',
      'migration.RSYN_SENT_RECV TIMEOUT #1: candidateIsPeer false',
      'flow guard candidateIsPeer: false everywhere',
    ],
  },
  {
    reason: 'The transition before this one handles a known SYN.',
    mutants: ['listener.OPEN SYN #2: not known true'],
  },
  {
    reason:
      "In each of these states the flow owes a control packet until the peer acknowledges this end's FIN.",
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
    reason: 'The listener gives a flow only the SYN that created the flow.',
    mutants: ['listener.OPEN SYN #3: not known true'],
  },
  {
    reason:
      'A closing connection has ended the handshakes of all joins, unless only one of them is left, which is then the last flow.',
    mutants: ['removed', 'twice', 'replaced by probe'].map(
      change => `flows.CLOSING DOWN #4: probe ${change}`,
    ),
  },
  {
    reason: 'A second packet, or one after a join without an answer, asks the peer what it has been asked.',
    mutants: ['twice', 'replaced by probe'].map(change => `flows.OPEN DOWN #4: probe ${change}`),
  },
  {
    reason:
      'A lease that starts twice at once starts once, as does a write of the same record, a timer, or the end of a lease.',
    mutants: [
      ...['OURS LOADED #1', 'OURS LOADED #2', 'OURS RENEWED #1', 'OURS RENEWED #2', 'OURS RETURNED #1'],
      ...['OURS RETURNED #2', 'THEIRS LOADED #1', 'THEIRS LOADED #2', 'THEIRS RENEWED'],
      ...['THEIRS RETURNED #1', 'THEIRS RETURNED #2'],
    ]
      .map(from => `keeper.${from}: extend twice`)
      .concat(
        ['OURS RENEWED #1: announce', 'OURS DUE #1: hold', 'OURS DUE #2: expire', 'OURS RETURNED #1: restore']
          .concat(['THEIRS RENEWED: announce', 'THEIRS DUE #1: hold', 'THEIRS DUE #2: expire'])
          .concat('THEIRS RETURNED #1: restore')
          .map(what => `keeper.${what} twice`),
      ),
  },
  {
    reason:
      'A controller that does not know that its record names it stores every renewal: that costs writes, and no lease.',
    mutants: [
      ...['keeper.OURS LOADED #1: removed', 'keeper.THEIRS LOADED #1: removed'],
      ...['keeper guard isOwn: false everywhere', 'keeper.OURS RENEWED #1: guard true'],
      ...[
        'keeper.THEIRS LOADED #1: to THEIRS instead of OURS',
        'keeper.OURS RENEWED #2: extend replaced by announce',
      ],
    ],
  },
  {
    reason:
      'The record that the registry stores after an announcement is loaded, and starts the lease; or the renewal before it has.',
    mutants: [
      ...['OURS RENEWED #1', 'THEIRS RENEWED'].flatMap(from =>
        ['removed', 'replaced by announce'].map(change => `keeper.${from}: extend ${change}`),
      ),
      'keeper.THEIRS LOADED #1: extend removed',
    ],
  },
  {
    reason: 'The registry stores a record that it has not lost again, and nothing changes.',
    mutants: [
      ...['OURS', 'THEIRS'].map(state => `keeper.${state} RETURNED #1: guard true`),
      'keeper guard isLost: true everywhere',
    ],
  },
  {
    reason: 'A lease that is due during an outage starts over when the registry returns.',
    mutants: ['keeper.OURS DUE #1: hold removed'],
  },
  {
    reason:
      'In the model a certificate is as long as a lease, and each renewal has one. impl/controller/keepers.test.ts shows that each is stored.',
    mutants: ['keeper.OURS RENEWED #1: to OURS instead of THEIRS'],
  },
]

export const survivors: readonly Survivors[] = [...harmless, ...unseen, ...equivalent]

/** Returns the reason why no trial catches a mutant; undefined if it has none. */
export const reasonOf = (mutant: string): string | undefined =>
  survivors.find(({ mutants }) => mutants.includes(mutant))?.reason ??
  classes.find(({ names }) => names.test(mutant))?.reason
