/** How an instance of a service goes without anybody noticing. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Agent } from '../impl/controller/agent.ts'
import type { Server, Stack } from '../impl/sockets/index.ts'

/** First packets that were led here before it was withdrawn arrive in this time. */
const ON_THE_WAY_MS = 500
/** A controller that has not heard it by then is gone; another one learns it when the lease ends. */
const UNHEARD_MS = 2000

export interface Instance {
  readonly stack: Stack
  readonly agent: Agent
  readonly server: Server
}

/** It is not to be found any more, finishes the connections that it has, and closes all. */
export async function retire({ stack, agent, server }: Instance, service: string): Promise<void> {
  await agent.withdraw(service, { signal: AbortSignal.timeout(UNHEARD_MS) })
  await wait(ON_THE_WAY_MS)
  await new Promise(resolve => server.close(resolve))
  await agent.close()
  await stack.close()
}
