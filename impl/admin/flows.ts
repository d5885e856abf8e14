/** Flows that are added to connections, and removed, from outside of the process. */
import { parseDestination, portOf, printAddress } from '../link/address.ts'
import type { Stack } from '../sockets/stack.ts'
import { AdminError } from './errors.ts'
import { type Params, printFlowId, type Result } from './methods.ts'
import { connectedFlow, placeOf, read } from './moves.ts'

/** Resolves when the flow is connected. Rejects with ADMIN_FLOW, ADMIN_ADDRESS. */
export async function addFlow(
  stack: Stack,
  { flow, from, to }: Params<'addFlow'>,
): Promise<Result<'addFlow'>> {
  const { handle } = connectedFlow(stack, flow)
  const there = to === undefined ? handle.remote : read(() => parseDestination(to, portOf(handle.remote)))
  const wanted = { from: placeOf(stack, from), to: there, isBackup: false }
  const { id, local, peer } = await handle.keeper.add(wanted).catch(refuse)
  return { flow: printFlowId(id), local: printAddress(local), peer: printAddress(peer) }
}

/** Resolves when the flow has ended. Rejects with ADMIN_FLOW. */
export async function removeFlow(stack: Stack, name: string): Promise<object> {
  const { handle, flow } = connectedFlow(stack, name)
  await handle.keeper.remove(flow).catch(refuse)
  return {}
}

function refuse(error: unknown): never {
  throw new AdminError('ADMIN_FLOW', (error as Error).message)
}
