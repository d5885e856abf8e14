/** What can go wrong between a running stack and those who ask it. docs/commands.md says what to do about each. */
export type ControlCode =
  /**
   * The folder of the sockets belongs to another user, is open to others, or is not a folder.
   * Remove it, or set XDG_RUNTIME_DIR.
   */
  | 'CONTROL_FOLDER'
  /** The system refuses the socket: its path is too long, or in use. Set a shorter XDG_RUNTIME_DIR. */
  | 'CONTROL_SOCKET'
  /** The process does not answer any more. List the running ones with `serval flows`. */
  | 'CONTROL_GONE'
  /** Too many clients ask at once. Try again later. */
  | 'CONTROL_BUSY'
  /** A line is too long. Send one request per line. */
  | 'CONTROL_LINE'
  /** A line is not JSON. Send requests as docs/commands.md shows. */
  | 'CONTROL_JSON'
  /** A part of a request is missing or of the wrong kind. Correct the path that the message names. */
  | 'CONTROL_SHAPE'
  /** No such method. Choose one of those that the message lists. */
  | 'CONTROL_METHOD'
  /** No such flow. List them with `serval flows`. */
  | 'CONTROL_FLOW'
  /** The stack has no such address or interface. List them with `serval flows --json`. */
  | 'CONTROL_ADDRESS'
  /**
   * The rule is not possible, or the process is not a controller.
   * Correct the rule, or name another process with `--pid`.
   */
  | 'CONTROL_RULE'
  /**
   * The capture file cannot be written, or a capture runs already, or none runs.
   * Choose another file, or stop the other capture.
   */
  | 'CONTROL_CAPTURE'

/** An error of the control socket's closed set. The message says what to do. */
export class ControlError extends Error {
  readonly code: ControlCode

  constructor(code: ControlCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'ControlError'
    this.code = code
  }
}
