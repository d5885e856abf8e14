/** Why a packet is dropped: the parameter of the effects `drop` and `purge`. */

/** A rule says so. */
export const BY_RULE = 1
/** It came by broadcast, so other hosts may know more. */
export const WAS_BROADCAST = 2
/** A loop: it has already been where it would go. */
export const VISITED = 3
/** It has passed as many forwarders as allowed. */
export const TOO_FAR = 4
/** It has waited once, and would wait again. */
export const WAITED = 5
/** It is a copy of a waiting packet. */
export const REPEATED = 6
/** The delay queue is full. */
export const FULL = 7
/** The controller does not know the service. */
export const NO_SERVICE = 8
/** The controller has not answered any question. */
export const NO_ANSWER = 9
/** The controller is gone. */
export const NO_CONTROLLER = 10
/** It yielded to a packet of a source with fewer waiting. */
export const CROWDED_OUT = 11

/** Readable reasons by number. */
export const REASONS = [
  '',
  'by rule',
  'was broadcast',
  'visited',
  'too far',
  'waited',
  'repeated',
  'full',
  'no service',
  'no answer',
  'no controller',
  'crowded out',
] as const
