import { CodedError, type ErrorTable } from '../../../checker/text/errors.ts'

/** Errors in names of services and in rules. */
export const SERVICE_ERRORS = {
  SERVICE_NAME: ['Neither a service name nor hexadecimal digits.', 'Write a name such as `acme/web`.'],
  SERVICE_DIGITS: ['A hexadecimal serviceID without exactly 64 digits.', 'Give 64 digits.'],
  SERVICE_KEY: [
    'The key part of a name is not 32 hexadecimal digits, or has too many parts before it.',
    'Copy the whole name that `listen` prints.',
  ],
  SERVICE_BITS: ['The length of a prefix is not 0 to 256, or bits after it are set.', 'Correct the length.'],
  SERVICE_ADDRESS: ['A prefix stands where one service is needed.', 'Give a whole service name.'],
  SERVICE_PRIORITY: [
    'A priority is out of range.',
    'Give a whole number in the range that the message names.',
  ],
  SERVICE_WEIGHT: ['A weight is out of range.', 'Give a whole number in the range that the message names.'],
  SERVICE_TARGET: [
    'A rule has no target: neither forward, nor delay, nor drop.',
    "Give `{ via: '192.0.2.1:54325' }`, `'delay'` or `'drop'`.",
  ],
  SERVICE_LOOP: ['A rule forwards to its own host.', 'Give another address.'],
  SERVICE_TIMEOUT: ["A rule's timeout is not positive.", 'Give more than 0.'],
  SERVICE_CONTRADICTION: [
    'A rule that delays or drops has the prefix and priority of another rule.',
    'Remove one, or change a priority.',
  ],
  SERVICE_FULL: [
    'The table, or the set of targets of one prefix, is full.',
    'Remove rules, raise the limit, or use a shorter prefix for several services.',
  ],
} as const satisfies ErrorTable

export type ServiceCode = keyof typeof SERVICE_ERRORS

/** The message says what to do. */
export class ServiceError extends CodedError<ServiceCode> {
  override readonly name = 'ServiceError'
}
