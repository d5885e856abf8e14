/** The prototype's queue holds 1024 packets in all; one service gets a part of that. */
export const DEFAULT_CAP = 64

/** Forwarders on a path: a host's, its network's, its provider's, the same on the other side, and some spare. */
export const MOST_HOPS = 8

/** Instances that refuse one connect: each adds a word to its SYN. A service whose first eight refuse is broken. */
export const MOST_REFUSALS = 8
