/** Several services in one process, with real clients: reloads, faults in the file, and systemd's protocol. */
import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { haveAll } from '../checker/testing/programs.ts'
import { sandbox } from './testing/startServal.ts'

const HEAD = "addresses: ['127.0.0.51:0']\ndrain: 2s\n"

test(
  'a process offers the services of a file, reads it again on SIGHUP, and keeps open connections',
  SLOW,
  async () => {
    await using here = sandbox()
    const file = here.path('services.yaml')
    const put = (services: string): void => writeFileSync(file, `${HEAD}services:\n${services}`)
    writeFileSync(here.path('motd.txt'), 'welcome')
    put('  acme/echo: { echo: true }\n  acme/motd: { file: motd.txt }\n')
    expect((await here.run(['up', file, '--check'])).stdout.toString()).toBe(`${file} offers 2 services\n`)

    const up = here.start('up', file)
    const at = await up.said(/^listening on acme\/echo at (\S+)/m)
    await up.said(/^ready: 2 services/m)
    const ask = (service: string, input: string) =>
      here.run(['connect', service, '--via', at, '--address', '127.0.0.52:0'], input)
    expect((await ask('acme/motd', '')).stdout.toString()).toBe('welcome')

    const open = here.start('connect', 'acme/echo', '--via', at, '--address', '127.0.0.53:0')
    await open.said(/connected/)
    put('  acme/motd: { exec: echo changed }\n  acme/new: { echo: true }\n')
    process.kill(up.pid, 'SIGHUP')
    await up.said(/is in use: 2 services/)
    const [changed, gone, added] = await Promise.all([
      ask('acme/motd', ''),
      ask('acme/echo', 'x'),
      ask('acme/new', 'new'),
    ])
    expect([changed.stdout.toString(), gone.status, added.stdout.toString()]).toEqual(['changed\n', 1, 'new'])

    put('  acme/new: { eco: true }\n')
    process.kill(up.pid, 'SIGHUP')
    await up.said(/services\.yaml:4:15: .*the services before go on/)
    expect((await ask('acme/new', 'still')).stdout.toString()).toBe('still')
  },
)

/** Prints the messages that arrive at the socket, like systemd, which closes the descriptors that come with them. */
const MANAGER = `
import socket, sys
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1])
while True: print(manager.recv(4096).decode())
`

const hasSystemd = haveAll(
  'the messages of serval up to systemd are not tested',
  ['systemd-notify', '--version'],
  ['python3', '--version'],
)

test.skipIf(!hasSystemd)('systemd hears when the services are ready, and when they stop', SLOW, async () => {
  await using here = sandbox()
  const [file, socket] = [here.path('services.yaml'), here.path('notify')]
  writeFileSync(file, `${HEAD}services:\n  acme/echo: { echo: true }\n`)
  const manager = spawn('python3', ['-uc', MANAGER, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    let heard = ''
    manager.stdout.on('data', chunk => {
      heard += chunk
    })
    while (!existsSync(socket)) await wait(10)
    const up = here.startUnder(['env', `NOTIFY_SOCKET=${socket}`], 'up', file)
    await up.said(/^ready: 1 service/m)
    while (!heard.includes('READY=1') && manager.exitCode === null) await wait(10)
    process.kill(up.pid, 'SIGTERM')
    await up.ended
    expect(heard.match(/^(READY|STOPPING)=1$/gm)).toEqual(['READY=1', 'STOPPING=1'])
  } finally {
    manager.kill()
  }
})
