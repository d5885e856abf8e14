/** Campaigns on a real NATS server: what is killed, lost, forged or poisoned changes no result. */
import { setTimeout as pause } from 'node:timers/promises'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { scratchFolder } from '../../checker/testing/scratchFolder.ts'
import { at, must } from '../../checker/text/at.ts'
import { hasNats, NatsServer } from '../../impl/controller/registry/testing/natsServer.ts'
import type { FuzzRequest } from '../fuzz/unit.ts'
import { runServal } from '../testing/runServal.ts'
import { type Started, sandbox } from '../testing/startServal.ts'
import { runCampaign } from './campaign.ts'
import { codeHash } from './code.ts'
import { MOST_DELIVERIES } from './limits.ts'
import { encodeRecord, encodeUnit, idOf, type Request, unitsOf } from './messages.ts'
import { Queue } from './queue.ts'
import { work } from './worker.ts'

/** Eight units of some tenths of a second. */
const FUZZ = ['fuzz', 'registration', '--steps', '2500', '--runs', '1024', '--seed', '3', '--json']

/** Resolves when workers hold units of the only campaign of a server. */
async function untilHeld(address: string, units: number): Promise<void> {
  const connection = await connect({ servers: address })
  const { consumers, streams } = await jetstreamManager(connection)
  for (let held = 0; held < units; ) {
    await pause(50)
    const [name] = await streams.names('serval.campaign.>').next()
    if (name === undefined) continue
    held = await consumers.info(name, 'workers').then(
      info => info.num_ack_pending,
      () => 0,
    )
  }
  await connection.close()
}

const withoutTimes = (json: string): unknown =>
  JSON.parse(json, (key, value) => (key === 'seconds' ? undefined : value))

/** The standard output of a process that ends. */
async function outputOf(started: Started): Promise<{ status: number | null; stdout: string }> {
  let stdout = ''
  started.stdout.on('data', chunk => {
    stdout += chunk
  })
  return { status: await started.ended, stdout }
}

const SMALL: FuzzRequest = {
  ...{ kind: 'fuzz', seed: 1, runs: 4, steps: 20_000 },
  jobs: [{ variant: { model: 'registration', bounds: {} }, demanding: true }],
}

/** A campaign in this process, with its queue. */
async function begun(server: NatsServer, name: string, request: Request = SMALL) {
  const queue = await Queue.connect({ servers: [server.address] })
  const [record, units, ending] = [encodeRecord(request), unitsOf(request).flat(), new AbortController()]
  const { signal } = ending
  return {
    ...{ queue, record, units },
    run: () => runCampaign(queue, { name, record, units, signal, progress: () => {} }),
    async [Symbol.asyncDispose]() {
      ending.abort()
      await queue.close()
    },
  }
}

/** Lets a worker of this process work until it says something that matches. Resolves to all that it said. */
async function workUntil(server: NatsServer, said: RegExp): Promise<string[]> {
  const queue = await Queue.connect({ servers: [server.address] })
  const [lines, ending] = [[] as string[], new AbortController()]
  const say = (line: string): void => {
    lines.push(line)
    if (said.test(line)) ending.abort()
  }
  await work(queue, { say, signal: ending.signal })
  await queue.close()
  return lines
}

describe.runIf(hasNats())('a campaign', SLOW, () => {
  test('has the result of one local process, though workers and the server are killed', async () => {
    await using server = await NatsServer.start()
    await using box = sandbox()
    using folder = scratchFolder()
    const url = `nats://${server.address}/kills`
    const campaign = box.start(...FUZZ, '--campaign', url)
    const output = outputOf(campaign)
    const first = box.start('worker', url)
    await untilHeld(server.address, 1)
    await first.stop('SIGKILL')
    box.start('worker', url)
    await untilHeld(server.address, 2)
    await server.kill()
    await server.start()
    const { status, stdout } = await output
    const local = await runServal(FUZZ, { cwd: folder.path })
    expect(withoutTimes(stdout)).toEqual(withoutTimes(local.stdout))
    expect(status).toBe(local.status)

    // Without options the command continues the campaign of this name, which has all replies.
    const again = await runServal(['fuzz', '--json', '--campaign', url])
    expect(withoutTimes(again.stdout)).toEqual(withoutTimes(local.stdout))
    const other = await runServal(['fuzz', '--runs', '1', '--campaign', url])
    expect([other.status, other.stderr]).toEqual([2, expect.stringMatching(/CLI_CAMPAIGN: .*'kills'/)])
    const wrong = await runServal(['check', '--campaign', url])
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringMatching(/CLI_CAMPAIGN: .*serval fuzz/)])
  })

  test('reports a unit that no worker finishes', async () => {
    await using server = await NatsServer.start()
    await using campaign = await begun(server, 'poison')
    const outcomes = campaign.run()
    for (let times = 1; times <= MOST_DELIVERIES; ) {
      const delivery = await campaign.queue.take('poison', 1000)
      if (delivery === undefined) {
        await pause(100)
        continue
      }
      expect(delivery.times).toBe(times++)
      delivery.giveBack()
    }
    await workUntil(server, /failed/)
    expect(await outcomes).toEqual([{ failed: expect.stringMatching(/^unit 0: 5 workers took/) }])
  })

  test('survives the loss of all data of the server, and garbage in the queue', async () => {
    await using server = await NatsServer.start()
    await using campaign = await begun(server, 'lost', { ...SMALL, runs: 80 })
    const outcomes = campaign.run()
    expect(campaign.units.length).toBe(3)
    await workUntil(server, /unit 0 done/)
    await server.kill()
    server.empty()
    await server.start()
    while ((await campaign.queue.left('lost').catch(() => 0)) === 0) await pause(100)
    await publish(server, 'serval.campaign.lost.77', '{"of":"x","index":-1,"unit":{"kind":"rm"}}')
    const stale = encodeUnit('of another record', 1, at(campaign.units, 1))
    await publish(server, 'serval.campaign.lost.78', stale)
    const lines = await workUntil(server, /earlier campaign/)
    expect(lines.filter(line => /dropped a message that is no unit/.test(line))).toHaveLength(2)
    expect((await outcomes).map(outcome => Object.keys(must(outcome)).includes('coverage'))).toEqual([
      ...[true, true, true],
    ])
  })

  test('of another version is refused by workers, and keeps its units', async () => {
    await using server = await NatsServer.start()
    const queue = await Queue.connect({ servers: [server.address] })
    const record = encodeRecord(SMALL).replace(codeHash(), '0123456789abcdef')
    await queue.begin('old', record)
    await queue.put('old', [[0, encodeUnit(idOf(record), 0, at(unitsOf(SMALL).flat(), 0))]])
    const lines = await workUntil(server, /./)
    expect(lines).toEqual([
      `old: refused, its units are of version 0123456789abcdef and this worker has ${codeHash()}; run the same code at both ends`,
    ])
    expect(await queue.left('old')).toBe(1)
    await queue.close()
    const { status, stderr } = await runServal(['fuzz', '--campaign', `nats://${server.address}/old`])
    expect([status, stderr]).toEqual([2, expect.stringMatching(/CLI_CAMPAIGN: .*version 0123456789abcdef/)])
  })

  test('has one record: of two that begin at once with one name, one is refused', async () => {
    await using server = await NatsServer.start()
    await using one = await begun(server, 'same')
    await using other = await begun(server, 'same', { ...SMALL, seed: 2 })
    const both = Promise.race([one.run(), other.run()])
    await expect(both).rejects.toMatchObject({ code: 'CLI_CAMPAIGN' })
  })
})

async function publish(server: NatsServer, subject: string, text: string): Promise<void> {
  const connection = await connect({ servers: server.address })
  await jetstream(connection).publish(subject, text)
  await connection.close()
}
