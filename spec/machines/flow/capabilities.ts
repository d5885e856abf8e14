/**
 * Additions to the prototype's protocol that two ends may agree on, one bit each. A SYN offers them, the SYN-ACK returns
 * those that both ends know, and the ACK of the handshake repeats these. A flow uses only what both ends have named. So
 * a peer that answers none, such as the prototype, gets the prototype's packets.
 *
 * To add one: name its bit here and add it to CAPABILITIES. A guard of the machine then tests
 * `context.capabilities`. Bytes that it needs are a parameter in spec/wire/negotiation.ts. A model offers it by
 * `offers` of its parts, so that the other models keep their states. docs/wire.md lists both.
 */

/** Once the handshake is over, the transport's checksum covers the flowIDs in place of the addresses. */
export const FLOW_CHECKSUM = 1

/** Each end tells the other a reset token: a RST with it ends the flow, also after its sender has restarted. */
export const RESET_TOKEN = 2

/**
 * The proof of a new address returns 8 random bytes that only an end at that address can have received. The prototype's
 * proof is predictable: a peer can give it for an address where it is not.
 */
export const PATH_CHALLENGE = 4

/**
 * While an end moves, data continues on the path that is proved, and both ends take data from the old address and the new
 * one. A move that nothing answers is undone. The prototype sends no data until a move is over.
 */
export const MAKE_BEFORE_BREAK = 8

/**
 * The flow opens a connection that more flows may join: both ends tell their keys in the handshake. A stateless answer
 * does not name it, because a host that keeps nothing of the SYN cannot keep its key.
 */
export const SEVERAL_FLOWS = 16

/** All that this version knows. */
export const CAPABILITIES = FLOW_CHECKSUM | RESET_TOKEN | PATH_CHALLENGE | MAKE_BEFORE_BREAK | SEVERAL_FLOWS

/** Returns what an end with `own` has in common with a peer that names `theirs`. */
export const common = (own: number, theirs: number): number => own & theirs

/** Returns 1 if both ends have PATH_CHALLENGE. */
export const challenges = (capabilities: number): number => ((capabilities & PATH_CHALLENGE) !== 0 ? 1 : 0)

/** Returns true if both ends have MAKE_BEFORE_BREAK. */
export const overlaps = (capabilities: number): boolean => (capabilities & MAKE_BEFORE_BREAK) !== 0
