/**
 * Serval's sockets over UDP on loopback, between two processes, by turns with bare datagrams, Node's net, and werift's
 * data channel. Processor time is that of both processes, for the same work; other load disturbs it least.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { join } from 'node:path'
import { connect, type Stack } from '../impl/sockets/index.ts'
import { BULK_BYTES, blast, stream } from './sockets/bulk.ts'
import { type Description, type OpenChannel, open, throughChannel } from './sockets/channel.ts'
import { cpuUs, openStack, PACKET_BYTES } from './sockets/common.ts'
import type { Endpoints, Question } from './sockets/services.ts'
import { echo, Held, setUps } from './sockets/small.ts'
import { median, medianRatio, table } from './table.ts'

const ROUNDS = 15
/** Of those that warm up, the first tell what a process meets that has just begun. */
const COLD_ROUNDS = 3
/** Of a channel that is slow. */
const FEW_BYTES = 4 * 2 ** 20

interface Comparison {
  readonly name: string
  readonly unit: string
  readonly ours: () => Promise<number>
  readonly peer: string
  readonly theirs: () => Promise<number>
  readonly want: string
  /** Rounds until V8 is done with both sides. A stack keeps ended flows for a minute, 65,536 in all; these make 45,000. */
  readonly warmRounds: number
  /** What is left to be done after a round, and counts for nobody. */
  readonly after?: () => Promise<void>
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

  async round(): Promise<void> {
    const before = await this.#cpuUs()
    this.values.push(await this.#run())
    this.cpu.push((await this.#cpuUs()) - before)
  }
}

async function compare(
  { name, unit, ours, peer, theirs, want, warmRounds, after }: Comparison,
  cpu: () => Promise<number>,
): Promise<readonly string[]> {
  const [a, b] = [new Side(ours, cpu), new Side(theirs, cpu)]
  for (let i = 0; i < warmRounds + ROUNDS; i++) {
    // Who goes first changes.
    for (const side of i % 2 === 0 ? [a, b] : [b, a]) {
      await side.round()
      await after?.()
    }
  }
  const steady = (values: readonly number[]) => values.slice(warmRounds)
  const cold = (values: readonly number[]) => values.slice(0, COLD_ROUNDS)
  const show = (values: readonly number[]) => `${median(steady(values)).toFixed(0)} ${unit}`
  return [
    ...[name, show(a.values), peer, show(b.values)],
    ...[medianRatio(steady(a.values), steady(b.values)).toFixed(2), want],
    ...[medianRatio(steady(a.cpu), steady(b.cpu)).toFixed(2)],
    ...[medianRatio(cold(a.values), cold(b.values)).toFixed(2)],
  ]
}

const MIB = 2 ** 20

function comparisonsOf(
  endpoints: Endpoints,
  stack: Stack,
  channel: () => Promise<OpenChannel>,
): readonly Comparison[] {
  const dial = (service: string) => connect({ service, via: endpoints.via, stack, noDelay: true })
  const dialNet = (port: number) => net.connect({ port, host: '127.0.0.1', noDelay: true })
  const held = new Held()
  return [
    {
      ...{
        name: `${BULK_BYTES / MIB} MiB in one stream`,
        unit: 'MiB/s',
        peer: 'bare datagrams',
        want: '>= 0.80',
        warmRounds: 10,
      },
      ours: () => stream(dial('bench/sink')),
      theirs: () => blast(endpoints.blast),
    },
    {
      ...{
        name: `${FEW_BYTES / MIB} MiB in one stream`,
        unit: 'MiB/s',
        peer: 'data channel',
        want: '>= 10.00',
        warmRounds: 3,
      },
      ours: () => stream(dial('bench/sink'), FEW_BYTES),
      theirs: async () => throughChannel((await channel()).channel, FEW_BYTES),
    },
    {
      ...{ name: '64 bytes there and back, p50', unit: 'us', peer: 'net', want: '<= 2.50', warmRounds: 6 },
      ours: () => echo(dial('bench/echo')),
      theirs: () => echo(dialNet(endpoints.netEcho)),
    },
    {
      ...{ name: 'connected and ended', unit: '/s', peer: 'net', want: '>= 0.50', warmRounds: 30 },
      ours: () => setUps(() => dial('bench/sink')),
      theirs: () => setUps(() => dialNet(endpoints.netSink)),
    },
    {
      ...{ name: 'connected', unit: '/s', peer: 'net', want: '>= 0.50', warmRounds: 15 },
      ours: () => held.connect(() => dial('bench/sink')),
      theirs: () => held.connect(() => dialNet(endpoints.netSink)),
      after: () => held.end(),
    },
  ]
}

export async function compareSockets(): Promise<string> {
  const child = fork(join(import.meta.dirname, 'sockets/services.ts'), { execArgv: process.execArgv })
  const [endpoints] = (await once(child, 'message')) as [Endpoints]
  const ask = async <Answer>(question: Question): Promise<Answer> => {
    child.send(question)
    const [answer] = await once(child, 'message')
    return answer
  }
  const stack = await openStack()
  // Made when it is asked for: until then no garbage collector looks through what it is made of.
  let channel: Promise<OpenChannel> | undefined
  const opened = (): Promise<OpenChannel> => {
    channel ??= open(offer => ask<Description>(offer))
    return channel
  }
  const head = [
    `sockets, ${PACKET_BYTES} bytes a packet`,
    'serval',
    'beside',
    'that',
    'ratio',
    'wanted',
    'CPU',
    'cold',
  ]
  const rows: (readonly string[])[] = [head]
  const cpu = async () => cpuUs() + (await ask<number>('cpu'))
  for (const one of comparisonsOf(endpoints, stack, opened)) rows.push(await compare(one, cpu))
  await (await channel)?.close()
  child.disconnect()
  await stack.close({ limitMs: 0 })
  return table(rows)
}
