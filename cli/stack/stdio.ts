import type { Socket } from '../../impl/sockets/index.ts'
import { splice } from '../../impl/sockets/splice.ts'
import { codeOf } from '../explain.ts'

/** Errors of a closed reader: of a pipe, and of a socket with unread bytes. */
const LEFT: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET'])

/**
 * Relays a connection to standard input and output. At a terminal the end of the peer ends both directions, because a person
 * would not know that the command still waits for input. Ignores a closed reader of standard output. Rejects with any other
 * error.
 */
export async function relayStdio(socket: Socket, signal: AbortSignal): Promise<void> {
  const { stdin, stdout } = process
  let unwritten: unknown
  stdout.once('error', error => {
    unwritten = error
  })
  // A pipe leaves these two open.
  socket.once('end', () => stdout.end())
  if (stdin.isTTY) socket.once('end', () => socket.end())
  try {
    await splice(socket, { source: stdin, sink: stdout }, signal)
  } catch (error) {
    if (error !== unwritten || !LEFT.has(codeOf(error))) throw error
  } finally {
    stdin.destroy()
  }
}
