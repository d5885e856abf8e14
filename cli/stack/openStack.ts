/** The options of commands that run a stack, and the function that opens it. */
import { type Command, Option } from 'commander'
import { openAdminSocket } from '../../impl/admin/index.ts'
import { bestAddress, type Mobility } from '../../impl/host/paths/mobility.ts'
import { parseAddress } from '../../impl/link/address.ts'
import { FLOW_POLICIES } from '../../impl/sockets/flowPolicy.ts'
import { type FlowPolicy, Stack, type StackOptions } from '../../impl/sockets/index.ts'
import { userSecret } from '../../impl/sockets/userSecret.ts'
import { collect } from '../options.ts'

export interface StackChoice {
  readonly address?: readonly string[]
  readonly advertise?: readonly string[]
  readonly mobility?: Mobility
  readonly flows?: FlowPolicy
  /** The addresses of controllers. */
  readonly controller?: readonly string[]
  readonly broadcast?: string
  readonly rendezvous?: string
}

export const addStackOptions = (command: Command): Command =>
  command
    .option(
      '--address <address>',
      'a local address, best first; repeat for more (default: all of the machine, also when they change)',
      collect,
    )
    .addOption(
      new Option(
        '--mobility <policy>',
        'move connections never, when their address goes, also to a better one, or also when their path is silent',
      )
        .choices(['stay', 'leave', 'best', 'failover'])
        .default('leave'),
    )
    .addOption(
      new Option(
        '--flows <policy>',
        'use one network, one with a backup, or all (default: as the peer wants)',
      ).choices(FLOW_POLICIES),
    )
    .option('--controller <address>', 'a controller to use, or tls://ADDRESS; repeat for more', collect)
    .option('--broadcast <address>', 'find services by broadcast: 192.0.2.255')
    .option('--rendezvous <address>', 'the relay for moves of both ends at once')

/** For commands that offer services. */
export const advertiseOption = (): Option =>
  new Option(
    '--advertise <address>',
    'register this address instead of a local one, such as the public side of a NAT; repeat for more',
  ).argParser(collect)

/**
 * A stack of this process that can be asked from outside. Addresses without a port get `port`, or, where that is taken
 * and none was named, any that is free. Rejects with the link's errors, ADMIN_FOLDER, ADMIN_SOCKET,
 * ESECRET.
 */
export async function openStack(
  choice: StackChoice,
  port: number,
  more: Partial<StackOptions> = {},
): Promise<Stack> {
  const { address: addresses = [], advertise = [], mobility = 'leave', flows, broadcast, rendezvous } = choice
  const stack = await new Stack({
    ...{ addresses, advertise, port, mobility, flows, secret: userSecret() },
    ...(broadcast !== undefined && { broadcast }),
    ...(rendezvous !== undefined && { rendezvous }),
    ...more,
  }).opened()
  if (stack.addresses.length === 0 && addresses.length === 0 && port !== 0) {
    await stack.close()
    return openStack(choice, 0, more)
  }
  try {
    await openAdminSocket(stack)
  } catch (error) {
    await stack.close()
    throw error
  }
  return stack
}

/** The first of `there` that an address of the stack reaches; the first one where none does. */
export const nearest = (stack: Stack, there: readonly string[]): string | undefined =>
  there.find(address => bestAddress(stack.host.addresses, parseAddress(address)) !== 0) ?? there[0]
