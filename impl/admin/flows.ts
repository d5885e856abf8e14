/** Changes of connections requested from outside of the process: moves, and flows that are added or removed. */
import type { Flow } from '../host/flows/flow.ts'
import { NO_ADDRESS, parseDestination, portOf, printAddress } from '../link/address.ts'
import { LinkError } from '../link/errors.ts'
import type { Address } from '../link/link.ts'
import { addressOn } from '../sockets/addressChoice.ts'
import type { Handle } from '../sockets/handle.ts'
import type { Stack } from '../sockets/stack.ts'
import { AdminError } from './errors.ts'
import { PAGE } from './facts.ts'
import { type Moved, type Params, printFlowId, type Result } from './methods.ts'

/** Connection and host decide whether and how to move. Resolves when the peer has followed, or the move has failed. Throws ADMIN_FLOW, ADMIN_ADDRESS. */
export async function moveFlow(stack: Stack, flow: string, to: string): Promise<Moved> {
  return move(connectedFlow(stack, flow), placeOf(stack, to))
}

/** Moves all flows that use `from` now. Throws ADMIN_ADDRESS. */
export async function moveInterface(
  stack: Stack,
  from: string,
  to: string,
): Promise<{ moved: Moved[]; isMore: boolean }> {
  const target = placeOf(stack, to)
  const those = flowsIn(stack).filter(({ flow }) => read(() => addressOn([flow.local], from)) !== NO_ADDRESS)
  const moved = await Promise.all(those.map(one => move(one, target)))
  return { moved: moved.slice(0, PAGE), isMore: moved.length > PAGE }
}

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

/** A connected flow, and its connection. */
interface Connected {
  readonly handle: Handle
  readonly flow: Flow
}

/** Returns the connected flows of all connections. */
const flowsIn = ({ handles }: Stack): readonly Connected[] =>
  [...handles].flatMap(handle =>
    [...handle.flows].filter(({ isLive }) => isLive).map(flow => ({ handle, flow })),
  )

/** Throws ADMIN_FLOW. */
function connectedFlow(stack: Stack, name: string): Connected {
  const id = Number.parseInt(name, 16)
  const found = flowsIn(stack).find(({ flow }) => flow.id === id)
  if (found !== undefined) return found
  throw new AdminError('ADMIN_FLOW', `there is no connected flow ${name}; serval flows lists them`)
}

function placeOf(stack: Stack, text: string): Address {
  const address = read(() => addressOn(stack.host.addresses, text))
  if (address !== NO_ADDRESS) return address
  throw new AdminError(
    'ADMIN_ADDRESS',
    `the process has no address '${text}'; it has ${stack.addresses.join(', ') || 'no address'}`,
  )
}

/** Throws ADMIN_ADDRESS. */
function read(address: () => Address): Address {
  try {
    return address()
  } catch (error) {
    if (!(error instanceof LinkError)) throw error
    throw new AdminError('ADMIN_ADDRESS', error.message.replace(/^\w+: /, ''))
  }
}

async function move({ handle, flow }: Connected, target: Address): Promise<Moved> {
  const before = { flow: printFlowId(flow.id), from: printAddress(flow.local), to: printAddress(target) }
  try {
    await handle.migrate(target, 'migrate', flow)
    return { ...before, failed: null }
  } catch (error) {
    return { ...before, failed: (error as Error).message }
  }
}
