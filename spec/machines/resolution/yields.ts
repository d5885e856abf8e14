/**
 * Which packet makes room when no place to wait is left. Whoever sends first packets chooses their names, and whoever forges
 * them their sources, so that a queue that turns newcomers away is closed by a few packets for as long as asking takes. The
 * source that has most packets waiting gives up its oldest one.
 */

/** Whether a source with `held` packets waiting gives one up for a newcomer whose source has `others`. */
export const yieldsTo = (held: number, others: number): boolean => held >= others
