/** Monitoring over HTTP, with real commands: what a Prometheus server would read. */
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { sandbox } from './testing/startServal.ts'

async function read(url: string): Promise<{ status: number; type: string | null; text: string }> {
  const response = await fetch(url)
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}

const reading = (text: string, name: string): number =>
  Number(
    text
      .split('\n')
      .find(line => line.startsWith(`${name} `))
      ?.split(' ')[1],
  )

test(
  'a controller and a listener show their counters in the OpenMetrics format, and health',
  SLOW,
  async () => {
    await using here = sandbox()
    const metrics = ['--metrics', '127.0.0.1:0']
    const controller = here.start(
      'controller',
      '--address',
      '127.0.0.41:0',
      '--file',
      here.path('journal'),
      ...metrics,
    )
    const at = await controller.said(/^controller at (\S+),/m)
    const directory = await controller.said(/^metrics at (http:\S+)\/metrics/m)
    const listener = here.start(
      'listen',
      'acme/echo',
      '--echo',
      '--address',
      '127.0.0.42:0',
      '--controller',
      at,
      ...metrics,
    )
    await listener.said(/^registered acme\/echo/m)
    const service = await listener.said(/^metrics at (http:\S+)\/metrics/m)

    const told = await read(`${directory}/metrics`)
    expect(told.type).toContain('application/openmetrics-text')
    expect(told.text.trimEnd().endsWith('# EOF')).toBe(true)
    expect(reading(told.text, 'serval_controller_instances')).toBe(2)
    expect(reading(told.text, 'serval_controller_registry_up')).toBe(1)
    expect(told.text).toContain('serval_packets_dropped_total{cause="malformed"} 0')
    expect(await read(`${directory}/health`)).toMatchObject({ status: 200, text: 'ok\n' })

    const before = reading((await read(`${service}/metrics`)).text, 'serval_packets_received_total')
    const client = await here.run(
      ['connect', 'acme/echo', '--address', '127.0.0.43:0', '--controller', at],
      'hello',
    )
    expect(`${client.stdout}`).toBe('hello')
    expect(reading((await read(`${service}/metrics`)).text, 'serval_packets_received_total')).toBeGreaterThan(
      before,
    )

    expect((await read(`${service}/etc/passwd`)).status).toBe(404)
    expect((await fetch(`${service}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405)
    const { port, hostname } = new URL(service)
    const hostile = connect(Number(port), hostname).on('error', () => {})
    hostile.end('\0\xff not http\r\n\r\n')
    expect((await read(`${service}/health`)).status).toBe(200)
  },
)

test('an address in use ends the command with an error', SLOW, async () => {
  await using here = sandbox()
  const first = here.start('router', '--address', '127.0.0.44:0', '--metrics', '127.0.0.1:0')
  const at = new URL(await first.said(/^metrics at (http:\S+)\/metrics/m)).host
  const second = await here.run(['router', '--address', '127.0.0.45:0', '--metrics', at])
  expect([second.status, second.stderr]).toEqual([2, expect.stringContaining('EADDRINUSE')])
})

test('SERVAL_LOG=json makes every line of a command an object with time and level', SLOW, async () => {
  await using here = sandbox()
  const args = ['listen', 'acme/echo', '--echo', '--address', '127.0.0.46:0', '--controller', '127.0.0.47:1']
  const listener = here.startUnder(['env', 'SERVAL_LOG=json'], ...args)
  await listener.said(/no controller answers/)
  await listener.stop()
  const lines = listener.stderr
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
    expect.stringMatching(/^info listening on acme\/echo at/),
    expect.stringMatching(/^warning no controller answers yet/),
  ])
  for (const { time } of lines) expect(new Date(time).toISOString()).toBe(time)
})
