import { CodedError, type ErrorTable } from '../../checker/text/errors.ts'

/** Why a controller does not do what it is asked. */
export const CONTROLLER_ERRORS = {
  CONTROLLER_JSON: ['A line is not JSON.', 'Send lines as docs/controllers.md shows.'],
  CONTROLLER_SHAPE: [
    'A part of a line is missing or has the wrong type.',
    'Correct the path that the message names.',
  ],
  CONTROLLER_VERSION: [
    'The host and the controller speak no common version of their messages.',
    'Update the older of the two.',
  ],
  CONTROLLER_LINE: ['A line is too long.', 'Send one message per line.'],
  CONTROLLER_SERVICE: [
    "The line names no valid service, or the controller's own.",
    'Write a name such as `acme/web`, or its 64 digits.',
  ],
  CONTROLLER_PREFIX: [
    'The prefix is too short for a host to register.',
    'Register a longer prefix such as `acme/*`, or let an operator add a rule.',
  ],
  CONTROLLER_ADDRESS: [
    'Not an address, or not one at which the controller sees the host.',
    "Register the host's own address, or use a key.",
  ],
  CONTROLLER_PRIORITY: [
    'An unsigned service claims more priority or weight than unsigned services may have.',
    'Lower it, use a keyed service, or let an operator add a rule.',
  ],
  CONTROLLER_STALE: [
    'The controller knows something newer of this instance, or restarted after this was signed.',
    'Sign and register again.',
  ],
  CONTROLLER_EVICTED: [
    'An operator has evicted the instance.',
    'Let an operator admit it with `serval evict --undo`, or start it again.',
  ],
  CONTROLLER_INSTANCE: [
    'No such instance is registered, or evicted.',
    'Look for its address in `serval services --via`.',
  ],
  CONTROLLER_LEASE: [
    'The lease is too short, too long, or over.',
    'Give a lease in the range that the message names, and compare the clocks.',
  ],
  CONTROLLER_CERTIFICATE: [
    'The key of the service did not sign this claim.',
    "Give the service's key with `--key`.",
  ],
  CONTROLLER_OWNER: [
    'The name belongs to a key, which has not granted it to this host.',
    'Let the holder of the key sign a grant with `serval key sign`, and give it with `--key` and `--grant`.',
  ],
  CONTROLLER_GRANT: [
    'The grant of the name has expired.',
    'Sign another with `serval key sign`, replace its file, and compare the clocks.',
  ],
  CONTROLLER_KEYS: [
    "The controller's list of prefixes and their keys is invalid.",
    'Correct what the message names.',
  ],
  CONTROLLER_ACCESS: [
    'The operator of the controller does not let this host register, or resolve, the name.',
    'Let the operator add the host to the list of the name, or use another name.',
  ],
  CONTROLLER_TOKEN: [
    'The host has shown no token that the controller knows.',
    'Give the right one with `?token=FILE` behind the address of the controller, or in SERVAL_TOKEN.',
  ],
  CONTROLLER_TLS: [
    'Only one of the two ends uses TLS, or the certificate of the controller is not trusted.',
    'Write `tls://ADDRESS?ca=FILE` for a controller with TLS, and `ADDRESS` for one without.',
  ],
  CONTROLLER_FILE: [
    'A file of TLS or of a token cannot be used.',
    'Name a file of PEM, or one that `serval key token` has made.',
  ],
  CONTROLLER_OPTION: [
    'The address of a controller has an unknown option.',
    'Write `ca=FILE` or `token=FILE` behind the `?`.',
  ],
  CONTROLLER_LIMIT: [
    'The controller holds its maximum of registrations or questions.',
    'Unregister some, or raise the limit.',
  ],
  CONTROLLER_REGISTRY: ['The registry does not answer.', 'Start it; the host tries again by itself.'],
  CONTROLLER_GONE: ['No controller is reachable.', 'Start one, or correct `--controller`.'],
} as const satisfies ErrorTable

/** The codes of controllers; docs/errors.md lists them. */
export type RefusalCode = keyof typeof CONTROLLER_ERRORS

/** An error of the controllers' closed set. The message says what to do. */
export class PlaneError extends CodedError<RefusalCode> {
  override readonly name = 'PlaneError'
}
