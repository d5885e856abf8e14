/** The step of the machine of a connection, which hosts run. It is printed from the machine. */
import { compiled } from '../../../checker/lower/standalone.ts'
import { type ConnectionEffect, type ConnectionState, connection, connectionInterface } from './compiled.ts'
import type { ConnectionEvent } from './events.ts'

export const connectionStep = compiled<ConnectionState, ConnectionEvent, ConnectionEffect>(
  connection,
  connectionInterface,
)
