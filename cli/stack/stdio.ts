import type { Socket } from '../../impl/socket/index.ts'
import { relay } from './relay.ts'

/**
 * Standard input and output are the other end. At a terminal the peer's end ends both directions: nobody would know that
 * it is waited for. Who reads standard output may go, which is no error. Rejects with what else broke.
 */
export async function relayStdio(socket: Socket, signal: AbortSignal): Promise<void> {
  const { stdin, stdout } = process
  // A pipe leaves these two open.
  socket.once('end', () => stdout.end())
  if (stdin.isTTY) socket.once('end', () => socket.end())
  try {
    await relay(socket, { source: stdin, sink: stdout }, signal)
  } catch (error) {
    const isLeft = error === stdout.errored && (error as NodeJS.ErrnoException).code === 'EPIPE'
    if (!isLeft) throw error
  } finally {
    stdin.destroy()
  }
}
