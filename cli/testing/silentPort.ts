import { createSocket } from 'node:dgram'
import { once } from 'node:events'

export interface SilentPort extends AsyncDisposable {
  /** As a command takes it: `127.0.0.1:40000`. */
  readonly at: string
}

/** Binds a UDP port that never answers. The system would refuse packets to a port that nobody has. */
export async function silentPort(host: string): Promise<SilentPort> {
  const socket = createSocket('udp4').bind(0, host)
  await once(socket, 'listening')
  return {
    at: `${host}:${socket.address().port}`,
    async [Symbol.asyncDispose]() {
      socket.close()
    },
  }
}
