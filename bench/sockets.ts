/** Serval's sockets over UDP on loopback, between two processes, beside bare datagrams and Node's net, by turns. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { join } from 'node:path'
import { connect, Stack } from '../impl/socket/index.ts'
import { blast, stream } from './sockets/bulk.ts'
import type { Places } from './sockets/services.ts'
import { echo, setUps } from './sockets/small.ts'
import { median, medianRatio, table } from './table.ts'

const ROUNDS = 7

interface Comparison {
  readonly name: string
  readonly unit: string
  readonly ours: () => Promise<number>
  readonly peer: string
  readonly theirs: () => Promise<number>
  readonly want: string
}

async function compare({ name, unit, ours, peer, theirs, want }: Comparison): Promise<readonly string[]> {
  const [a, b]: [number[], number[]] = [[], []]
  // The first round of each warms up; who goes first changes.
  for (let i = -1; i < ROUNDS; i++) {
    const turns = [async () => a.push(await ours()), async () => b.push(await theirs())]
    for (const turn of i % 2 === 0 ? turns : turns.toReversed()) await turn()
    if (i < 0) a.length = b.length = 0
  }
  const show = (values: readonly number[]) => `${median(values).toFixed(0)} ${unit}`
  return [name, show(a), peer, show(b), medianRatio(a, b).toFixed(2), want]
}

export async function compareSockets(): Promise<string> {
  const child = fork(join(import.meta.dirname, 'sockets/services.ts'), { execArgv: process.execArgv })
  const [{ via, netSink, netEcho, blast: blastPort }] = (await once(child, 'message')) as [Places]
  const stack = await new Stack({ addresses: ['127.0.0.1:0'] }).opened()
  const dial = (service: string) => connect({ service, via, stack, noDelay: true })
  const dialNet = (port: number) => net.connect({ port, host: '127.0.0.1', noDelay: true })
  const comparisons: readonly Comparison[] = [
    {
      ...{ name: '64 MiB in one stream', unit: 'MiB/s', peer: 'bare datagrams', want: '>= 0.80' },
      ours: () => stream(dial('bench/sink')),
      theirs: () => blast(blastPort),
    },
    {
      ...{ name: '64 bytes there and back, p50', unit: 'us', peer: 'net', want: '<= 2.50' },
      ours: () => echo(dial('bench/echo')),
      theirs: () => echo(dialNet(netEcho)),
    },
    {
      ...{ name: 'connected and ended', unit: '/s', peer: 'net', want: '>= 0.50' },
      ours: () => setUps(() => dial('bench/sink')),
      theirs: () => setUps(() => dialNet(netSink)),
    },
  ]
  const rows: (readonly string[])[] = [['sockets', 'serval', 'beside', 'that', 'ratio', 'wanted']]
  for (const one of comparisons) rows.push(await compare(one))
  child.disconnect()
  await stack.close({ limitMs: 0 })
  return table(rows)
}
