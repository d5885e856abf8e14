/** What can go wrong between a running stack and those who ask it. docs/commands.md says what to do about each. */
export type ControlCode =
  /** The folder of the sockets belongs to somebody else, is open to others, or is no folder. */
  | 'CONTROL_FOLDER'
  /** The system refuses the socket: its path is too long, or another has it. */
  | 'CONTROL_SOCKET'
  /** Nobody answers there any more, or the connection ended before the answer. */
  | 'CONTROL_GONE'
  /** More ask at once than are listened to. */
  | 'CONTROL_BUSY'
  /** A line is longer than any that means something. */
  | 'CONTROL_LINE'
  /** A line is no JSON. */
  | 'CONTROL_JSON'
  /** A line is JSON, but a part is missing or of the wrong kind. */
  | 'CONTROL_SHAPE'
  /** There is no such method. */
  | 'CONTROL_METHOD'
  /** There is no such flow, or none any more. */
  | 'CONTROL_FLOW'
  /** The stack has no such address or interface. */
  | 'CONTROL_ADDRESS'
  /** The rule cannot be, or the process is no controller. */
  | 'CONTROL_RULE'
  /** The capture's file cannot be written, or there is a capture already, or none. */
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
