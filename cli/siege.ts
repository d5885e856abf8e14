/**
 * For tests: a controller, a router and two replicas as processes, and an attacker that shares the path with an honest client:
 * it sends mutants of the client's packets from the client's own addresses.
 */

import { once } from 'node:events'
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { must } from '../checker/text/at.ts'
import { openRunning } from '../impl/admin/index.ts'
import { MutantSource } from '../impl/host/testing/storm.ts'
import { parseAddress } from '../impl/link/address.ts'
import type { Datagram } from '../impl/link/link.ts'
import { openUdp } from '../impl/link/udp.ts'
import { connect, Stack } from '../impl/sockets/index.ts'
import { randomFrom } from '../spec/wire/testing/mutants.ts'
import { type Started, sandbox } from './testing/startServal.ts'

const SERVICE = 'acme/echo'
/** As many mutants leave in one turn of the event loop as a socket's receive buffer surely holds. */
const BURST = 32
/** The client opens a connection after this many mutants, so that mutants are of flows that live. */
const MUTANTS_A_CONNECTION = 2000
/** A connection of the client that the attacker broke is given up after this time. */
const PATIENCE_MS = 2000

interface Counted {
  readonly received: number
  readonly faults: number
}

/** Asks the processes whose admin sockets are in `folder`, and adds up their counters. */
async function counted(folder: string): Promise<Counted> {
  let [received, faults] = [0, 0]
  for (const { client } of await openRunning(folder)) {
    const { counters } = await client.ask('counters', {})
    client.close()
    received += must(counters.received)
    faults += must(counters.faults)
  }
  return { received, faults }
}

interface Besieged {
  readonly name: string
  readonly process: Started
}

/** Talks to the service a little; the attacker may break the connection at any time. */
async function talk(stack: Stack, via: string): Promise<void> {
  const socket = connect({ service: SERVICE, via, stack })
  socket.on('error', () => {})
  socket.on('data', () => {})
  socket.end('hello')
  await Promise.race([once(socket, 'close').catch(() => {}), wait(PATIENCE_MS)])
  socket.destroy()
}

/** Starts the processes. `directory` and `via` are the addresses of the controller and the router. */
async function started(here: ReturnType<typeof sandbox>) {
  const controller = here.start('controller', '--address', '127.0.3.1:0', '--file', here.path('journal'))
  const directory = await controller.said(/^controller at ([\d.:]+)/m)
  const replica = here.start(
    'listen',
    SERVICE,
    '--echo',
    '--address',
    '127.0.3.2:0',
    '--controller',
    directory,
  )
  await replica.said(/^registered/m)
  const router = here.start('router', '--address', '127.0.3.3:0', '--controller', directory)
  const via = await router.said(/^forwarding at (\S+),/m)
  const besieged: readonly Besieged[] = [
    { name: 'controller', process: controller },
    { name: 'replica', process: replica },
    { name: 'router', process: router },
  ]
  return { besieged, directory, via }
}

/**
 * Sends `count` mutants, and calls `at` with how many it has sent. Holds that no process ends or prints an unexpected error,
 * and that each of them still serves an honest client afterwards. Resolves with how many packets the processes have received,
 * and how many unexpected exceptions they have caught.
 */
export async function besiege(
  seed: number,
  count: number,
  at: (sent: number) => void = () => {},
): Promise<Counted> {
  const random = randomFrom(seed)
  await using here = sandbox()
  const { besieged, directory, via } = await started(here)

  const link = await openUdp({ addresses: ['127.0.3.8:0', '127.0.3.9:0'].map(text => parseAddress(text)) })
  const source = new MutantSource(random)
  const stack = await new Stack({ link }).opened()
  stack.taps.add((batch, direction) => {
    if (direction === 'out') for (const datagram of batch) source.remember(datagram)
  })
  const peers = [via, directory]
  await talk(stack, must(peers[0]))
  let talking = Promise.resolve()
  for (let sent = 0; sent < count; sent += BURST) {
    if (sent % MUTANTS_A_CONNECTION < BURST) {
      await talking
      talking = talk(stack, must(peers[random() % peers.length]))
    }
    const burst: Datagram[] = Array.from({ length: BURST }, () => source.draw())
    link.send(burst)
    at(sent)
    await turn()
  }
  await talking
  await stack.close({ limitMs: 0 })

  for (const { name, process } of besieged) {
    const { stderr } = process
    const ended = await Promise.race([process.ended, turn('runs')])
    const failure = expect.not.stringMatching(/Error|(SAL|SERVAL)_FAULT|\bat .*\.ts:\d/)
    expect({ name, ended, stderr }).toEqual({ name, ended: 'runs', stderr: failure })
  }
  const found = await counted(here.path('serval'))
  const asked = await here.run(['connect', SERVICE, '--via', via, '--address', '127.0.3.7:0'], 'still here')
  expect({ stdout: `${asked.stdout}`, status: asked.status }).toEqual({ stdout: 'still here', status: 0 })
  const listed = await here.run(['services', '--via', directory, '--address', '127.0.3.7:0'])
  expect(`${listed.stdout}`).toMatch(/^acme\/echo +127\.0\.3\.2:/m)
  return found
}
