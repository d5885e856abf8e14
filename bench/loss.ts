/**
 * Goodput where one packet in a hundred is lost, each way, at 20 ms round trip: Serval's stream beside the kernel's TCP
 * with the same congestion control (CUBIC), through the same wire, which is the fault middleware of impl/link. By turns.
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { type TwoNamespaces, twoNamespaces } from './loss/network.ts'
import { median, medianRatio, table } from './table.ts'

const ROUNDS = 5
/** Some hundred losses a round. */
const BYTES = 6 * 2 ** 20
const LOSS = 0.01
const DELAY_MS = 10
/** In a MiB. */
const MEGABITS = (8 * 2 ** 20) / 1e6

async function measure({ one, other }: TwoNamespaces): Promise<string> {
  const script = join(import.meta.dirname, 'loss/end.ts')
  const server = other.spawn(script, 'server', other.address, one.address)
  const client = one.spawn(script, 'client', one.address, other.address)
  await Promise.all([once(server, 'message'), once(client, 'message')])
  const send = async (kind: 'serval' | 'tcp'): Promise<number> => {
    client.send([kind, BYTES])
    const [rate] = (await once(client, 'message')) as [number]
    return rate
  }
  const [ours, theirs]: [number[], number[]] = [[], []]
  for (let i = 0; i < ROUNDS; i++) {
    ours.push(await send('serval'))
    theirs.push(await send('tcp'))
  }
  server.disconnect()
  client.disconnect()
  const show = (values: readonly number[]) => `${(median(values) * MEGABITS).toFixed(1)} Mb/s`
  return table([
    ['1 % lost, 20 ms', 'serval', 'TCP (CUBIC)', 'ratio', 'wanted'],
    ['goodput', show(ours), show(theirs), medianRatio(ours, theirs).toFixed(2), '>= 0.50'],
  ])
}

export async function compareLoss(): Promise<string> {
  let namespaces: TwoNamespaces
  try {
    namespaces = await twoNamespaces({ loss: LOSS, delayMs: DELAY_MS })
  } catch (error) {
    return `1 % lost, 20 ms: not measured, because it needs Linux, root, ip and socat (${(error as Error).message.split('\n')[0]})`
  }
  try {
    return await measure(namespaces)
  } finally {
    await namespaces.close()
  }
}
