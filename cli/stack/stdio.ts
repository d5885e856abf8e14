import type { Socket } from '../../impl/sockets/index.ts'
import { relay } from '../../impl/sockets/relay.ts'
import { codeOf } from '../explain.ts'

/** Errors of a closed reader: of a pipe, and of a socket with unread bytes. */
const LEFT: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET'])

/**
 * Standard input and output are the other end. At a terminal the peer's end ends both directions: nobody would know that
 * it is waited for. Who reads standard output may go, which is no error. Rejects with what else broke.
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
    await relay(socket, { source: stdin, sink: stdout }, signal)
  } catch (error) {
    if (error !== unwritten || !LEFT.has(codeOf(error))) throw error
  } finally {
    stdin.destroy()
  }
}
