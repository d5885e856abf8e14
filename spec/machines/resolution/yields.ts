/**
 * Chooses the packet that yields when the delay queue is full. Senders choose service names freely, and can forge
 * sources. If a full queue refused new packets, a few forged ones would close it for as long as a question takes.
 * Instead, the source with the most waiting packets loses its oldest one.
 */

/** True if a source with `held` waiting packets loses one to a new packet whose source has `others`. */
export const yieldsTo = (held: number, others: number): boolean => held >= others
