/** Why a packet goes no further: the parameter of the effects `drop` and `purge`. */

/** A rule says so. */
export const BY_RULE = 1
/** It came by broadcast, and somebody else may know more. */
export const WAS_BROADCAST = 2
/** It has been where it would go: a loop. */
export const VISITED = 3
/** It has passed as many forwarders as it may. */
export const TOO_FAR = 4
/** It has waited once and would wait again. */
export const WAITED = 5
/** It waits here already, and this is a copy. */
export const REPEATED = 6
/** There is no room to wait. */
export const FULL = 7
/** The controller says that there is no such service. */
export const NO_SERVICE = 8
/** The controller has not answered, as often as it was asked. */
export const NO_ANSWER = 9
/** The controller is gone. */
export const NO_CONTROLLER = 10
/** It made room for a packet of a source that has fewer waiting. */
export const CROWDED_OUT = 11

/** Reasons by number, as people read them. */
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
