import { CodedError, type ErrorTable } from '../../checker/text/errors.ts'

/** Errors between a running stack and its admin clients. docs/errors.md lists remedies. */
export const ADMIN_ERRORS = {
  ADMIN_FOLDER: [
    'The folder of the sockets belongs to another user, is open to others, or is not a folder.',
    'Remove it, chmod it to 700, or set XDG_RUNTIME_DIR.',
  ],
  ADMIN_SOCKET: [
    'The system refuses the socket: its path is too long, or in use.',
    'Set a shorter XDG_RUNTIME_DIR.',
  ],
  ADMIN_GONE: ['The process does not answer any more.', 'List the running ones with `serval flows`.'],
  ADMIN_BUSY: ['Too many clients ask at once.', 'Try again later.'],
  ADMIN_LINE: ['A line is too long.', 'Send one request per line.'],
  ADMIN_JSON: ['A line is not JSON.', 'Send requests as docs/commands.md shows.'],
  ADMIN_SHAPE: [
    'A part of a request is missing or has the wrong type.',
    'Correct the path that the message names.',
  ],
  ADMIN_METHOD: ['No such method.', 'Choose one of those that the message lists.'],
  ADMIN_FLOW: ['No such flow.', 'List them with `serval flows`.'],
  ADMIN_ADDRESS: ['The stack has no such address or interface.', 'List them with `serval flows --json`.'],
  ADMIN_RULE: [
    'The rule is not possible, or the process is not a controller.',
    'Correct the rule, or name another process with `--pid`.',
  ],
  ADMIN_CAPTURE: [
    'The capture file cannot be written, or a capture runs already, or none runs.',
    'Choose another file, or stop the other capture.',
  ],
} as const satisfies ErrorTable

/** The codes of admin sockets; docs/errors.md lists them. */
export type AdminCode = keyof typeof ADMIN_ERRORS

/** The message says what to do. */
export class AdminError extends CodedError<AdminCode> {
  override readonly name = 'AdminError'
}
