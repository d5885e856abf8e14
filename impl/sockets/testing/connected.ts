/** Two stacks with several addresses each, and a service on one of them. */

import { once } from 'node:events'
import { at } from '../../../checker/text/at.ts'
import {
  type ConnectOptions,
  connect,
  createServer,
  type Server,
  type ServerOptions,
  type Socket,
  Stack,
} from '../index.ts'
import type { StackOptions } from '../stackOptions.ts'

export interface Two extends AsyncDisposable {
  readonly client: Stack
  readonly server: Stack
  /** Serves `test/service` at the second stack; resolves when it listens. */
  serve(onConnection: (socket: Socket) => void, options?: ServerOptions): Promise<Server>
  /** A socket for it, not yet connected. */
  dial(options?: Partial<ConnectOptions>): Socket
}

/** 127.0.0.1 and 127.0.0.3 for clients; 127.0.0.2 and 127.0.0.4 for the server. */
export async function two(options: StackOptions = {}): Promise<Two> {
  const client = new Stack({ addresses: ['127.0.0.1:0', '127.0.0.3:0'], ...options })
  const server = new Stack({ addresses: ['127.0.0.2:0', '127.0.0.4:0'], ...options })
  await Promise.all([client.opened(), server.opened()])
  const via = at(server.addresses, 0)
  return {
    client,
    server,
    async serve(onConnection, more = {}) {
      const listening = createServer({ ...more, stack: server }, onConnection).listen('test/service')
      await once(listening, 'listening')
      return listening
    },
    dial: (more = {}) => connect({ service: 'test/service', via, stack: client, ...more }),
    async [Symbol.asyncDispose]() {
      await Promise.all([client.close({ limitMs: 0 }), server.close({ limitMs: 0 })])
    },
  }
}
