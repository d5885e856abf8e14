/** Services offered and used by real processes over UDP on loopback, looked at and moved by others. */

import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer as createWeb } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { must } from '../checker/text/at.ts'
import { readCapture } from '../impl/link/readCapture.ts'
import { freePort } from '../impl/link/testing/freePort.ts'
import { silentPort } from './testing/silentPort.ts'
import { sandbox } from './testing/startServal.ts'

const SERVICE = 'acme/thing'

/** Options of a client with two addresses to move between. */
const CLIENT = ['--address', '127.0.0.3:0', '--address', '127.0.0.4:0']
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const squeezed = (line: string): string => line.replaceAll(/\s+/g, ' ').trim()
const shown = readFileSync(new URL('../docs/commands.md', import.meta.url), 'utf8')
  .split('\n')
  .map(squeezed)
/** The headings that a command prints stand in the page that tells of it. */
const expectShown = (stdout: string): void => {
  const heading = squeezed(must(stdout.split('\n').find(line => /^[A-Z ]+$/.test(line))))
  expect(shown).toContain(heading)
}

describe.concurrent('listen and connect', SLOW, () => {
  test('--echo returns every byte, to several clients', async () => {
    await using here = sandbox()
    const { via, started } = await here.listen(SERVICE, '--echo')
    const inputs = [randomBytes(300_000), Buffer.from('\x00\xff\r\n'), Buffer.alloc(0)]
    const results = await Promise.all(
      inputs.map(bytes => here.run(['connect', SERVICE, '--via', via, ...CLIENT], bytes)),
    )
    expect(results.map(({ status }) => status)).toEqual([0, 0, 0])
    expect(results.map(({ stdout }) => hash(stdout))).toEqual(inputs.map(hash))
    expect(await started.stop()).toBe(130)
  })

  test('like nc: one connection, whose two directions end separately', async () => {
    await using here = sandbox()
    const { started: listening } = await here.listen(SERVICE)
    const client = here.start('connect', SERVICE, ...CLIENT)
    client.stdin.end('from the client')
    const got = await buffer(listening.stdout)
    expect(`${got}`).toBe('from the client')
    listening.stdin.end('from the server, later')
    expect(`${await buffer(client.stdout)}`).toBe('from the server, later')
    expect([await client.ended, await listening.ended]).toEqual([0, 0])
  })

  test('--exec runs a command for each client, and the end of either ends the other', async () => {
    await using here = sandbox()
    const { via } = await here.listen(SERVICE, '--exec', 'tr a-z A-Z; echo $SERVAL_SERVICE')
    const connect = ['connect', SERVICE, '--via', via, ...CLIENT]
    const results = await Promise.all(['one', 'two'].map(input => here.run(connect, input)))
    const digits = /^[0-9a-f]{64}\n$/
    expect(results.map(({ stdout }) => `${stdout}`.slice(0, 3))).toEqual(['ONE', 'TWO'])
    for (const { stdout } of results) expect(`${stdout}`.slice(3)).toMatch(digits)
  })

  test('--exec with a command that does not read its input', async () => {
    await using here = sandbox()
    const { via } = await here.listen(SERVICE, '--exec', 'echo enough')
    const { status, stdout } = await here.run(
      ['connect', SERVICE, '--via', via, ...CLIENT],
      randomBytes(3_000_000),
    )
    expect([status, `${stdout}`]).toEqual([0, 'enough\n'])
  })

  test('--tcp at both ends relays HTTP', async () => {
    await using here = sandbox()
    const web = createWeb((request, response) => response.end(`you asked for ${request.url}`))
    web.listen(0, '127.0.0.1')
    await once(web, 'listening')
    const { via } = await here.listen(SERVICE, '--tcp', `127.0.0.1:${(web.address() as AddressInfo).port}`)
    const client = here.start('connect', SERVICE, '--via', via, '--tcp', '127.0.0.1:0', ...CLIENT)
    const at = await client.said(/accepting TCP at (\S+)/)
    const answers = await Promise.all(['a', 'b', 'c'].map(path => fetch(`http://${at}/${path}`)))
    expect(await Promise.all(answers.map(answer => answer.text()))).toEqual(
      ['a', 'b', 'c'].map(path => `you asked for /${path}`),
    )
    web.close()
    web.closeAllConnections()
  })

  test('--tcp to a port where nobody listens: the client gets an error, and the next one is served', async () => {
    await using here = sandbox()
    const { started, via } = await here.listen(SERVICE, '--tcp', `127.0.0.1:${await freePort()}`)
    for (let i = 0; i < 2; i++) {
      const { status, stderr } = await here.run(['connect', SERVICE, '--via', via, ...CLIENT], 'x')
      expect(status).toBe(1)
      expect(stderr).toMatch(/^serval: ECONNRESET: /m)
    }
    await started.said(/serval: ECONNREFUSED: connect 127/)
  })
})

describe.concurrent('ping', SLOW, () => {
  test('measures how long answers take, without blocking other clients', async () => {
    await using here = sandbox()
    await here.listen(SERVICE, '--echo')
    const args = ['ping', SERVICE, '-c', '3', '-i', '0', '--timeout', '60000', ...CLIENT]
    const [asText, asJson] = await Promise.all([here.run(args), here.run([...args, '--json'])])
    expectShown(`${asText.stdout}`)
    expect([asText.status, asJson.status]).toEqual([0, 0])
    const { answered, sent, minMs, medianMs, maxMs, answers } = JSON.parse(`${asJson.stdout}`)
    expect([answered, sent, answers.length]).toEqual([3, 3, 3])
    const times = answers.map(({ ms }: { ms: number }) => ms).sort((a: number, b: number) => a - b)
    expect([minMs, medianMs, maxMs]).toEqual(times)
  })

  test('does not use up the only connection of a listener', async () => {
    await using here = sandbox()
    const { via, started: listening } = await here.listen(SERVICE)
    const { status } = await here.ask('ping', SERVICE, '--via', via, '-c', '2', '-i', '0', ...CLIENT)
    expect(status).toBe(0)
    const client = here.start('connect', SERVICE, '--via', via, ...CLIENT)
    client.stdin.end('from the client')
    expect(`${await buffer(listening.stdout)}`).toBe('from the client')
    listening.stdin.end()
    expect([await client.ended, await listening.ended]).toEqual([0, 0])
  })

  test.for([
    ['nobody listens', 'acme/other', 'ECONNREFUSED', 60_000],
    ['nobody answers', SERVICE, 'ETIMEDOUT', 100],
  ] as const)('exits with 1 if %s', async ([, service, code, timeoutMs]) => {
    await using here = sandbox()
    const { via } = await here.listen(SERVICE, '--echo')
    await using silent = await silentPort('127.0.0.1')
    const to = code === 'ETIMEDOUT' ? silent.at : via
    const args = [
      'ping',
      service,
      '--via',
      to,
      '-c',
      '2',
      '-i',
      '0',
      '--timeout',
      String(timeoutMs),
      ...CLIENT,
    ]
    const { status, stdout } = await here.ask(...args)
    expect(status).toBe(1)
    expect(stdout.match(new RegExp(`^${code}: `, 'gm'))).toHaveLength(2)
  })
})

describe.concurrent('migrate, from another process', SLOW, () => {
  const BYTES = 24 * 2 ** 20

  test('moves both ends of a stalled download, which arrives whole', async () => {
    await using here = sandbox()
    const content = randomBytes(BYTES)
    writeFileSync(here.path('content'), content)
    const { started: listening } = await here.listen(SERVICE, '--file', here.path('content'))
    const client = here.start('connect', SERVICE, ...CLIENT)
    client.stdin.end()
    // Nothing is read before both have moved: what is under way stands still, and the rest waits at the server.
    await client.said(/connected/)
    const flows = async (pid: number) =>
      JSON.parse((await here.ask('flows', '--pid', String(pid), '--json')).stdout)
    const [flow] = await flows(client.pid)
    const moved = await here.ask('migrate', flow.flow, '127.0.0.4', '--json')
    expect([moved.status, JSON.parse(moved.stdout).moved]).toMatchObject([
      0,
      [{ flow: flow.flow, failed: null }],
    ])
    const all = await here.ask('migrate', '127.0.0.1', '127.0.0.2', '--pid', String(listening.pid))
    expect(all.stdout).toMatch(/1 of 1 moved/)
    expectShown(all.stdout)
    const lists = await Promise.all(['flows', 'services'].map(name => here.ask(name)))
    for (const { stdout } of lists) expectShown(stdout)
    const [after] = await flows(client.pid)
    expect(after).toMatchObject({ connection: 'FINWAIT2', service: SERVICE, side: 'client' })
    expect([after.local, after.peer].map((text: string) => text.split(':')[0])).toEqual([
      '127.0.0.4',
      '127.0.0.2',
    ])
    expect(after.received).toBeLessThan(BYTES)
    expect(hash(await buffer(client.stdout))).toBe(hash(content))
    expect(await client.ended).toBe(0)
    expect(client.stderr).toMatch(
      /: migrate, here 127\.0\.0\.4:\d+, .*\n.*: peer moved, .*there 127\.0\.0\.2/,
    )
  })

  test('flows are added and removed, and the download arrives whole', async () => {
    await using here = sandbox()
    const content = randomBytes(BYTES)
    writeFileSync(here.path('content'), content)
    await here.listen(SERVICE, '--file', here.path('content'))
    const client = here.start('connect', SERVICE, ...CLIENT, '--flows', 'failover')
    await client.said(/connected/)
    const pid = ['--pid', String(client.pid)]
    const flows = async () => JSON.parse((await here.ask('flows', ...pid, '--json')).stdout)
    let known = await flows()
    while (known.length < 2) known = await flows()
    const [first] = known
    const added = JSON.parse(
      (await here.ask('flows', 'add', first.flow, '127.0.0.4', first.peer, ...pid, '--json')).stdout,
    )
    expect(added.local).toMatch(/^127\.0\.0\.4:/)
    expect(added.peer).toBe(first.peer)
    const nowhere = await here.ask('flows', 'add', first.flow, '127.0.0.4', 'nowhere', ...pid)
    expect(nowhere.stderr).toContain('ADMIN_ADDRESS')
    // The policy may open one more meanwhile, to an address that the server has just advertised.
    const all: readonly { flow: string; of: string }[] = await flows()
    expect(all.map(({ flow }) => flow)).toContain(added.flow)
    expect(new Set(all.map(({ of }) => of))).toEqual(new Set([first.flow]))
    // The network 127.0.0.0/8 has all of them.
    expect((await here.ask('flows', ...pid)).stdout).toMatch(
      /^\+ [0-9a-f]{8} .*\nno protection against a failure of the local network: [0-9a-f]{8}\n/ms,
    )
    await client.said(/^flow [0-9a-f]{8}: another flow, here 127\.0\.0\.4:\d+, there /m)
    expect((await here.ask('flows', 'remove', first.flow, ...pid)).status).toBe(0)
    await client.said(
      new RegExp(`^flow ${first.flow}: a flow less, here ${first.local}, there ${first.peer}$`, 'm'),
    )
    expect((await here.ask('flows', 'add', ...pid)).stderr).toContain('ADMIN_FLOW')
    client.stdin.end()
    expect(hash(await buffer(client.stdout))).toBe(hash(content))
    expect(await client.ended).toBe(0)
  })

  test('capture writes the packets, and validate reads them', async () => {
    await using here = sandbox()
    const { started: listening } = await here.listen(SERVICE, '--echo')
    const client = here.start('connect', SERVICE, ...CLIENT)
    await client.said(/connected/)
    const file = here.path('packets.pcapng')
    const capture = here.start('capture', '-o', file, '--pid', String(listening.pid))
    await capture.said(/writing the packets of process/)
    client.stdin.write('to be seen')
    await once(client.stdout, 'data')
    const told = buffer(capture.stdout)
    expect(await capture.stop()).toBe(0)
    const { datagrams, isCut } = readCapture(readFileSync(file))
    expectShown(`${await told}`)
    expect(`${await told}`).toMatch(new RegExp(`^${listening.pid} +${datagrams.length} `, 'm'))
    expect(isCut).toBe(false)
    const texts = datagrams.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join('')
    // There and back; on a busy machine perhaps more than once.
    expect(texts.split('to be seen').length).toBeGreaterThanOrEqual(3)
  })

  test('reports addresses that cannot be used, and processes without stacks', async () => {
    await using here = sandbox()
    const { started } = await here.listen(SERVICE, '--echo')
    const client = here.start('connect', SERVICE, ...CLIENT)
    await client.said(/connected/)
    const errors = [
      [['migrate', '127.0.0.3', '127.0.0.9'], 'ADMIN_ADDRESS', 2],
      [['migrate', '00000000', '127.0.0.1', '--pid', String(started.pid)], 'ADMIN_FLOW', 2],
      [['migrate', '127.0.0.77', '127.0.0.1'], 'ADMIN_ADDRESS', 2],
      [['migrate', 'nowhere', '127.0.0.1'], 'LINK_ADDRESS', 2],
      [['capture', '-o', here.path('x.pcapng')], 'CLI_PID', 2],
      [['capture', '-o', here.path('')], 'CLI_WRITE', 2],
      [['flows', '--pid', '1'], 'CLI_NOBODY', 1],
      [['top', '--once'], 'CLI_NOBODY', 1],
    ] as const
    const results = await Promise.all(errors.map(([args]) => here.ask(...args)))
    expect(results.map(({ stderr, status }) => [/^serval: (\w+): /m.exec(stderr)?.[1], status])).toEqual(
      errors.map(([, code, status]) => [code, status]),
    )
  })
})
