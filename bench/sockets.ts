/**
 * Serval's sockets over UDP on loopback, between two processes, by turns with bare datagrams, Node's net, and werift's
 * data channel. Processor time is that of both processes, for the same work; other load disturbs it least.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { join } from 'node:path'
import type { RTCDataChannel } from 'werift'
import { connect, type Stack } from '../impl/socket/index.ts'
import { BULK_BYTES, blast, stream } from './sockets/bulk.ts'
import { type Description, open, throughChannel } from './sockets/channel.ts'
import { cpuUs, openStack, PACKET_BYTES } from './sockets/common.ts'
import type { Places, Question } from './sockets/services.ts'
import { echo, setUps } from './sockets/small.ts'
import { median, medianRatio, table } from './table.ts'

const ROUNDS = 9
/** Of a channel that is slow. */
const FEW_BYTES = 4 * 2 ** 20

interface Comparison {
  readonly name: string
  readonly unit: string
  readonly ours: () => Promise<number>
  readonly peer: string
  readonly theirs: () => Promise<number>
  readonly want: string
}

/** What a side's rounds gave: its figure, and the processor time of both processes. */
class Side {
  readonly values: number[] = []
  readonly cpu: number[] = []
  readonly #run: () => Promise<number>
  readonly #cpuUs: () => Promise<number>

  constructor(run: () => Promise<number>, cpu: () => Promise<number>) {
    this.#run = run
    this.#cpuUs = cpu
  }

  async round(isWarm: boolean): Promise<void> {
    const before = await this.#cpuUs()
    const value = await this.#run()
    if (!isWarm) return
    this.values.push(value)
    this.cpu.push((await this.#cpuUs()) - before)
  }
}

async function compare(
  { name, unit, ours, peer, theirs, want }: Comparison,
  cpu: () => Promise<number>,
): Promise<readonly string[]> {
  const [a, b] = [new Side(ours, cpu), new Side(theirs, cpu)]
  // The first rounds of each warm up; who goes first changes.
  for (let i = -2; i < ROUNDS; i++) for (const side of i % 2 === 0 ? [a, b] : [b, a]) await side.round(i >= 0)
  const show = (values: readonly number[]) => `${median(values).toFixed(0)} ${unit}`
  const ratios = [medianRatio(a.values, b.values).toFixed(2), want, medianRatio(a.cpu, b.cpu).toFixed(2)]
  return [name, show(a.values), peer, show(b.values), ...ratios]
}

const MIB = 2 ** 20

function comparisonsOf(places: Places, stack: Stack, channel: RTCDataChannel): readonly Comparison[] {
  const dial = (service: string) => connect({ service, via: places.via, stack, noDelay: true })
  const dialNet = (port: number) => net.connect({ port, host: '127.0.0.1', noDelay: true })
  return [
    {
      ...{
        name: `${BULK_BYTES / MIB} MiB in one stream`,
        unit: 'MiB/s',
        peer: 'bare datagrams',
        want: '>= 0.80',
      },
      ours: () => stream(dial('bench/sink')),
      theirs: () => blast(places.blast),
    },
    {
      ...{
        name: `${FEW_BYTES / MIB} MiB in one stream`,
        unit: 'MiB/s',
        peer: 'data channel',
        want: '>= 10.00',
      },
      ours: () => stream(dial('bench/sink'), FEW_BYTES),
      theirs: () => throughChannel(channel, FEW_BYTES),
    },
    {
      ...{ name: '64 bytes there and back, p50', unit: 'us', peer: 'net', want: '<= 2.50' },
      ours: () => echo(dial('bench/echo')),
      theirs: () => echo(dialNet(places.netEcho)),
    },
    {
      ...{ name: 'connected and ended', unit: '/s', peer: 'net', want: '>= 0.50' },
      ours: () => setUps(() => dial('bench/sink')),
      theirs: () => setUps(() => dialNet(places.netSink)),
    },
  ]
}

export async function compareSockets(): Promise<string> {
  const child = fork(join(import.meta.dirname, 'sockets/services.ts'), { execArgv: process.execArgv })
  const [places] = (await once(child, 'message')) as [Places]
  const ask = async <Answer>(question: Question): Promise<Answer> => {
    child.send(question)
    const [answer] = await once(child, 'message')
    return answer
  }
  const stack = await openStack()
  const { channel, close } = await open(offer => ask<Description>(offer))
  const head = [
    `sockets, ${PACKET_BYTES} bytes a packet`,
    'serval',
    'beside',
    'that',
    'ratio',
    'wanted',
    'CPU',
  ]
  const rows: (readonly string[])[] = [head]
  const cpu = async () => cpuUs() + (await ask<number>('cpu'))
  for (const one of comparisonsOf(places, stack, channel)) rows.push(await compare(one, cpu))
  await close()
  child.disconnect()
  await stack.close({ limitMs: 0 })
  return table(rows)
}
