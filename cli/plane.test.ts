/** A controller, hosts and a client as real processes, over UDP on loopback. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { must } from '../checker/text/at.ts'
import {
  certifiedName,
  newServiceKey,
  publicKeyOf,
  readServiceKey,
} from '../impl/host/services/certificate.ts'
import { COMMAND } from './testing/runServal.ts'
import { silentPort } from './testing/silentPort.ts'
import { finish, sandbox } from './testing/startServal.ts'

type Here = ReturnType<typeof sandbox>

async function controller(here: Here, address: string, ...more: string[]) {
  const file = here.path('registry.journal')
  const started = here.start('controller', '--address', address, '--file', file, ...more)
  return { started, at: await started.said(/^controller at ([\d.:]+)/m) }
}

async function listen(here: Here, at: string, address: string, word: string, service = 'acme/web') {
  const asked = ['--address', address, '--controller', at, '--exec', `printf ${word}`]
  const started = here.start('listen', service, ...asked)
  await started.said(/^registered/m)
  return started
}

const CLIENT = ['--address', '127.0.2.9:0']

test('replicas register and leave, and clients find them by name', SLOW, async () => {
  await using here = sandbox()
  const { at, started } = await controller(here, '127.0.2.1:0')
  const first = await listen(here, at, '127.0.2.2:0', 'first')
  const ask = () => here.run(['connect', 'acme/web', '--controller', at, ...CLIENT])
  expect((await ask()).stdout.toString()).toBe('first')
  await listen(here, at, '127.0.2.3:0', 'second')
  const { stdout } = await here.ask('services', '--via', at, ...CLIENT)
  expect(stdout.toString()).toMatch(/^SERVICE +ADDRESS +PRIORITY +WEIGHT +LEASE +FLOWS$/m)
  expect(stdout.toString().match(/^acme\/web +127\.0\.2\.[23]:\d+ +100 +1 +\d+ s/gm)).toHaveLength(2)
  expect(stdout.toString()).toMatch(/^serval\/controller +127\.0\.2\.1:/m)
  const below = await here.ask('services', '--via', at, '--below', 'lab', ...CLIENT)
  expect(`${below.stdout}`).toBe(`no services below lab are registered at ${at}\n`)
  await first.stop()
  await started.said(/^acme\/web: 1 instance$/m)
  expect((await ask()).stdout.toString()).toBe('second')
})

test(
  'a listener exits on a permanent refusal with its code, and on a closed terminal as on Ctrl-C',
  SLOW,
  async () => {
    await using here = sandbox()
    const { at } = await controller(here, '127.0.2.1:0')
    const refused = here.start('listen', '*', '--address', '127.0.2.2:0', '--controller', at, '--echo')
    expect(await refused.ended).toBe(2)
    expect(refused.stderr).toMatch(/^serval: CONTROLLER_PREFIX: /m)
    const other = await listen(here, at, '127.0.2.3:0', 'other')
    expect(await other.stop('SIGHUP')).toBe(130)
  },
)

test('a rule for all hosts drains an instance', SLOW, async () => {
  await using here = sandbox()
  const { at } = await controller(here, '127.0.2.1:0')
  const [second] = await Promise.all([
    listen(here, at, '127.0.2.3:0', 'second'),
    listen(here, at, '127.0.2.2:0', 'first'),
  ])
  const address = await second.said(/^listening on acme\/web at (\S+)$/m)
  const added = await here.ask('rule', 'add', 'acme/web', '--via', address, '--weight', '0', '--everywhere')
  expect([added.status, added.stdout.toString()]).toEqual([
    0,
    `added: acme/web, forward ${address}, for all hosts\n`,
  ])
  const listed = await here.ask('rule', 'list', '--everywhere')
  expect(listed.stdout.toString()).toMatch(/^acme\/web\/\* +kept +draining +forward 127\.0\.2\.3:\d+$/m)
  const pinged = await here.ask('ping', 'acme/web', '-c', '8', '-i', '0', '--controller', at, ...CLIENT)
  expect(pinged.stdout.toString().match(/^127\.0\.2\.2:/gm)).toHaveLength(8)
  const removed = await here.ask('rule', 'del', 'acme/web', '--via', address, '--everywhere')
  expect([removed.status, removed.stdout.toString()]).toEqual([0, expect.stringMatching(/^removed: /)])
})

test('a keyed service is registered, served and verified with its key, and with no other', SLOW, async () => {
  await using here = sandbox()
  const { at } = await controller(here, '127.0.2.1:0')
  const [key, other] = ['key', 'other'].map(name => {
    writeFileSync(here.path(name), newServiceKey())
    return here.path(name)
  })
  const name = certifiedName('acme/bank', publicKeyOf(readServiceKey(readFileSync(must(key), 'utf8'))))
  const asked = ['listen', name, '--controller', at, '--address', '127.0.2.2:0', '--exec', 'printf genuine']
  for (const wrong of [[], ['--key', must(other)], ['--key', here.path('registry.journal')]]) {
    const { status, stderr } = await here.run([...asked, ...wrong])
    expect([status, stderr]).toEqual([2, expect.stringContaining('CLI_KEY')])
  }
  const server = here.start(...asked, '--key', must(key))
  await server.said(/^registered/m)
  const { stdout } = await here.run(['connect', name, '--controller', at, ...CLIENT])
  expect(stdout.toString()).toBe('genuine')
})

test(
  'a listener at a prefix gets every name below it, unless another has a longer prefix',
  SLOW,
  async () => {
    await using here = sandbox()
    const { at } = await controller(here, '127.0.2.1:0')
    await listen(here, at, '127.0.2.2:0', '"all $SERVAL_SERVICE"', 'acme/store/*')
    const eu = await listen(here, at, '127.0.2.3:0', 'eu', 'acme/store/eu/*')
    const ask = async (service: string) =>
      (await here.run(['connect', service, '--controller', at, ...CLIENT])).stdout.toString()
    expect(await ask('acme/store/us')).toBe(
      'all 822b33ad5418eaf57ad22f4d0000000000000000000000000000000000000000',
    )
    expect(await ask('acme/store/eu/berlin')).toBe('eu')
    // On one machine without asking anybody, too.
    expect((await here.run(['connect', 'acme/store/eu/paris', ...CLIENT])).stdout.toString()).toBe('eu')
    const { stdout } = await here.ask('services', '--via', at, ...CLIENT)
    expect(stdout.toString().match(/^acme\/store\S* /gm)).toEqual(['acme/store/* ', 'acme/store/eu/* '])
    await eu.stop()
    expect(await ask('acme/store/eu/berlin')).toMatch(/^all [0-9a-f]{64}$/)
  },
)

test('a controller that was killed restarts with its registrations', SLOW, async () => {
  await using here = sandbox()
  const { at, started } = await controller(here, '127.0.2.1:0')
  await listen(here, at, '127.0.2.2:0', 'first')
  await started.stop('SIGKILL')
  // Hosts that come meanwhile are connected when it is there again.
  const waiting = here.start('connect', 'acme/web', '--controller', at, ...CLIENT)
  await wait(300)
  await controller(here, at)
  const { stdout, status, stderr } = await finish(waiting)
  expect([stdout.toString(), status, stderr]).toEqual(['first', 0, expect.any(String)])
})

test('a command whose controller does not answer reports that it waits, and what to do', SLOW, async () => {
  await using here = sandbox()
  await using silent = await silentPort('127.0.2.1')
  const nowhere = ['--via', silent.at, ...CLIENT]
  const at = silent.at.replaceAll('.', '\\.')
  const [connected, listed] = await Promise.all([
    here.run(['connect', 'acme/web', ...nowhere, '--dead-after', '4000']),
    here.ask('services', ...nowhere),
  ])
  expect([connected.status, connected.stderr]).toEqual([
    1,
    expect.stringMatching(
      new RegExp(
        `^no answer yet from acme/web at ${at}; .* serval resolve acme/web .*\\nserval: ETIMEDOUT: ${at}: nobody answered there`,
      ),
    ),
  ])
  expect([listed.status, listed.stderr]).toEqual([
    1,
    expect.stringMatching(new RegExp(`^serval: CONTROLLER_GONE: nobody answers at ${at}; name a controller`)),
  ])
})

test(
  'a client of a service that fails to start gets an error, and the controller reports why',
  SLOW,
  async () => {
    await using here = sandbox()
    const { at, started } = await controller(
      here,
      '127.0.2.1:0',
      '--start',
      'acme/bad=echo no such thing >&2; exit 3',
    )
    const { status, stderr } = await here.run(['connect', 'acme/bad', '--controller', at, ...CLIENT])
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/ENOTFOUND: acme\/bad: there is no such service/),
    ])
    await started.said(/^not started: acme\/bad\/\*: it has ended with 3: no such thing$/m)
  },
)

test('a service starts when a client queries it', SLOW, async () => {
  await using here = sandbox()
  // A program that its controller has started goes on without it. This one serves a single connection, and ends.
  const command = `printf started | ${process.execPath} ${COMMAND} listen acme/late --address 127.0.2.4:0 --controller $SERVAL_CONTROLLER`
  const { at } = await controller(here, '127.0.2.1:0', '--start', `acme/late=${command}`)
  const { stdout, stderr } = await here.run(['connect', 'acme/late', '--controller', at, ...CLIENT])
  expect([stdout.toString(), stderr]).toEqual(['started', expect.any(String)])
  const running = () => readdirSync(here.path('serval')).filter(name => name.endsWith('.sock'))
  while (running().length > 1) await wait(20)
})
