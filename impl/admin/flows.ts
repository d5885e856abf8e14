/** Flows that are added to connections, and removed, from outside of the process. */
import type { Flow } from '../host/flows/flow.ts'
import { printAddress } from '../link/address.ts'
import type { Connection } from '../sockets/connection.ts'
import type { Stack } from '../sockets/stack.ts'
import { AdminError } from './errors.ts'
import { printFlowId, type Result } from './methods.ts'
import { placeOf } from './moves.ts'

/** Resolves when the flow is connected. Rejects with ADMIN_FLOW, ADMIN_ADDRESS. */
export async function addFlow(stack: Stack, flow: string, from: string): Promise<Result<'addFlow'>> {
  const [connection] = find(stack, flow)
  const wanted = { from: placeOf(stack, from), to: connection.remote, isBackup: false }
  const { id, local, peer } = await connection.keeper.add(wanted).catch(refuse)
  return { flow: printFlowId(id), local: printAddress(local), peer: printAddress(peer) }
}

/** Throws ADMIN_FLOW. */
export function removeFlow(stack: Stack, name: string): object {
  const [connection, flow] = find(stack, name)
  try {
    connection.keeper.remove(flow)
  } catch (error) {
    refuse(error)
  }
  return {}
}

function find(stack: Stack, name: string): [Connection, Flow] {
  const id = Number.parseInt(name, 16)
  for (const connection of stack.connections)
    for (const flow of connection.set?.flows ?? [connection.flow])
      if (flow.id === id && flow.isLive) return [connection, flow]
  throw new AdminError('ADMIN_FLOW', `there is no connected flow ${name}; serval flows lists them`)
}

function refuse(error: unknown): never {
  throw new AdminError('ADMIN_FLOW', (error as Error).message)
}
