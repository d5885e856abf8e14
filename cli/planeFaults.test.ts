/** A running plane when something around it goes wrong: its registry, its disk, what it has started. Real processes. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { hasNats, NatsServer } from '../impl/controller/registry/testing/natsServer.ts'
import { COMMAND } from './testing/runServal.ts'
import { type Started, sandbox } from './testing/startServal.ts'

const CLIENT = ['--address', '127.0.3.9:0']

type Here = ReturnType<typeof sandbox>

async function controller(here: Here, ...more: string[]): Promise<{ started: Started; at: string }> {
  const started = here.start('controller', '--address', '127.0.3.1:0', ...more)
  return { started, at: await started.said(/^controller at ([\d.:]+)/m) }
}

async function serve(here: Here, at: string, address: string, service: string): Promise<Started> {
  const asked = ['--address', address, '--controller', at, '--exec', `printf ${service}`]
  const started = here.start('listen', service, ...asked)
  await started.said(/^registered/m)
  return started
}

const ask = async (here: Here, at: string, service: string): Promise<string> =>
  String((await here.run(['connect', service, '--controller', at, ...CLIENT])).stdout)

/** Returns the lines about its registry that a controller printed on standard error. */
const said = ({ stderr }: Started): string[] =>
  [...stderr.matchAll(/^registry [^:]*(?::\/\/[^:]*:\d+)?[^:]* ?(?:: )?(.*)$/gm)].map(([line]) => line)

if (hasNats())
  test(
    'the controller reports a lost registry once, its return once, and both in the list of services',
    SLOW,
    async () => {
      await using server = await NatsServer.start()
      await using here = sandbox()
      const { started, at } = await controller(here, '--registry', `nats://${server.address}`)
      await serve(here, at, '127.0.3.2:0', 'acme/web')
      const listed = async () => (await here.ask('services', '--via', at, ...CLIENT)).stderr
      expect(await listed()).toBe('')
      await server.kill()
      await started.said(/^registry nats:\S+ it does not answer/m)
      expect(await listed()).toMatch(/^the controller's registry: it does not answer;/m)
      // The host keeps the rules that it knows.
      expect(await ask(here, at, 'acme/web')).toBe('acme/web')
      await server.start()
      await started.said(/^registry nats:\S+ answers and stores again$/m)
      await serve(here, at, '127.0.3.3:0', 'acme/new')
      expect([await listed(), said(started)]).toEqual([
        '',
        [expect.stringContaining('does not answer'), expect.stringContaining('stores again')],
      ])
    },
  )

const hasLimits = spawnSync('prlimit', ['--version']).status === 0

test.skipIf(!hasLimits)(
  'the controller reports a full disk once, keeps serving, and stores again when there is room',
  SLOW,
  async () => {
    await using here = sandbox()
    const { started, at } = await controller(here, '--file', here.path('journal'))
    await serve(here, at, '127.0.3.2:0', 'acme/web')
    const limit = (bytes: string) =>
      execFileSync('prlimit', ['--pid', String(started.pid), `--fsize=${bytes}:`])
    limit('1')
    const late = here.start('listen', 'acme/late', '--address', '127.0.3.3:0', '--controller', at, '--echo')
    await started.said(/^registry memory .*REGISTRY_FILE: \S+journal cannot be used \(EFBIG\)/m)
    expect(await ask(here, at, 'acme/web')).toBe('acme/web')
    limit('unlimited')
    await late.said(/^registered/m)
    await started.said(/^registry memory .* answers and stores again$/m)
    expect(said(started)).toHaveLength(2)
  },
)

/** Takes all free file descriptors from a process. Returns what gives them back. */
function exhaust({ pid }: Started): () => void {
  const limit = (files: string) => execFileSync('prlimit', ['--pid', String(pid), `--nofile=${files}:`])
  const before = spawnSync('prlimit', ['--pid', String(pid), '--nofile', '--output=SOFT', '--noheadings'])
  const open = new Set(readdirSync(`/proc/${pid}/fd`))
  let free = 0
  while (open.has(String(free))) free++
  limit(String(free))
  return () => limit(String(before.stdout).trim())
}

test.skipIf(!hasLimits)(
  'a controller without a free file descriptor for a program keeps serving',
  SLOW,
  async () => {
    await using here = sandbox()
    const file = ['--file', here.path('journal')]
    const { started, at } = await controller(here, ...file, '--start', 'acme/late=sleep 5')
    await serve(here, at, '127.0.3.2:0', 'acme/web')
    const restore = exhaust(started)
    const asked = here.run(['connect', 'acme/late', '--controller', at, ...CLIENT])
    expect(await Promise.race([asked, started.ended])).toMatchObject({
      stderr: expect.stringContaining('ENOTFOUND'),
    })
    restore()
    expect(await Promise.race([ask(here, at, 'acme/web'), started.ended])).toBe('acme/web')
  },
)

test.skipIf(!hasLimits)(
  'a listener without a free file descriptor for a command keeps serving',
  SLOW,
  async () => {
    await using here = sandbox()
    const { started, via } = await here.listen('acme/exec', '--exec', 'printf done', '--exec-limit', '1')
    const connect = () => here.run(['connect', 'acme/exec', '--via', via, ...CLIENT])
    const restore = exhaust(started)
    expect(await Promise.race([connect(), started.ended])).toMatchObject({
      stderr: expect.stringContaining('ECONNRESET'),
    })
    await started.said(/cannot be started .*EMFILE/)
    restore()
    expect(String((await connect()).stdout)).toBe('done')
  },
)

/** The process whose number is in the file, once it is there. */
async function numberIn(file: string): Promise<number> {
  while (!existsSync(file) || readFileSync(file, 'utf8').trim() === '') await wait(20)
  return Number(readFileSync(file, 'utf8'))
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a controller that exits ends all processes of a program that it is starting', SLOW, async () => {
  await using here = sandbox()
  const command = `sleep 600 & echo $! > ${here.path('pid')}; sleep 600; true`
  const { started, at } = await controller(
    here,
    '--file',
    here.path('journal'),
    '--start',
    `acme/late=${command}`,
  )
  here.start('connect', 'acme/late', '--controller', at, ...CLIENT)
  const pid = await numberIn(here.path('pid'))
  expect(isThere(pid)).toBe(true)
  expect(await started.stop()).toBe(130)
  expect(isThere(pid)).toBe(false)
})

test('a controller exits although a program that it has started still serves', SLOW, async () => {
  await using here = sandbox()
  const listen = `${process.execPath} ${COMMAND} listen acme/late --echo --address 127.0.3.4:0`
  const command = `echo $$ > ${here.path('pid')}; exec ${listen} --controller $SERVAL_CONTROLLER`
  const file = ['--file', here.path('journal')]
  const { started, at } = await controller(here, ...file, '--start', `acme/late=${command}`)
  const { status } = await here.run(['connect', 'acme/late', '--controller', at, ...CLIENT])
  const pid = await numberIn(here.path('pid'))
  try {
    expect([status, await started.stop(), isThere(pid)]).toEqual([0, 130, true])
  } finally {
    process.kill(pid)
  }
})

test('a command whose client leaves ends with all its processes', SLOW, async () => {
  await using here = sandbox()
  const command = `sleep 600 & echo $! > ${here.path('pid')}; sleep 600; true`
  const { via } = await here.listen('acme/exec', '--exec', command)
  const client = here.start('connect', 'acme/exec', '--via', via, ...CLIENT)
  const pid = await numberIn(here.path('pid'))
  expect(await client.stop()).toBe(130)
  while (isThere(pid)) await wait(20)
})

test('a listener refuses clients beyond the limit of commands, and reports why, once', SLOW, async () => {
  await using here = sandbox()
  const { started, via } = await here.listen(
    'acme/exec',
    '--exec',
    'echo here; sleep 600',
    '--exec-limit',
    '1',
  )
  const first = here.start('connect', 'acme/exec', '--via', via, ...CLIENT)
  await new Promise(resolve => first.stdout.once('data', resolve))
  for (let i = 0; i < 2; i++) {
    const { status, stderr } = await here.run(['connect', 'acme/exec', '--via', via, ...CLIENT])
    expect([status, stderr]).toEqual([1, expect.stringMatching(/ECONNRESET/)])
  }
  expect(started.stderr.match(/as many commands run as may/g)).toHaveLength(1)
  await first.stop()
  for (;;) {
    const next = here.start('connect', 'acme/exec', '--via', via, ...CLIENT)
    const isServed = await Promise.race([
      new Promise<boolean>(resolve => next.stdout.once('data', () => resolve(true))),
      next.ended.then(() => false),
    ])
    if (isServed) break
  }
  // Its command would outlive a listener that is killed.
  expect(await started.stop()).toBe(130)
})

test('a command reports that no controller answers, and at which address', SLOW, async () => {
  await using here = sandbox()
  const started = here.start('listen', 'acme/web', '--address', '127.0.3.2:0', '--controller', '127.0.3.77:1')
  expect(await started.said(/^no controller answers yet at (.*); retrying$/m)).toBe('127.0.3.77:1')
})
