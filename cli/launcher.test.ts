import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { LAUNCHER as script, spawnServal } from './testing/runServal.ts'

/** Makes a Node say that it is another one, before the launcher asks. */
const pretend = (version: string): string[] => [
  '--import',
  `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`,
]

describe.concurrent('the launcher', SLOW, () => {
  test('runs the command with a Node that is new enough, and passes on its exit code', async () => {
    expect(await spawnServal(['--version'], { script })).toEqual({
      status: 0,
      stdout: '0.1.0\n',
      stderr: '',
    })
    expect((await spawnServal(['nothing'], { script })).status).toBe(2)
  })

  test('finds a newer Node when run by an older one', async () => {
    const [by20, by22] = [pretend('20.20.2'), pretend('22.17.9')]
    expect((await spawnServal(['--version'], { script, node: by20 })).stdout).toBe('0.1.0\n')
    expect((await spawnServal(['nothing'], { script, node: by22 })).status).toBe(2)
  })

  /** Most tests run commands in their own process, where nothing shows that a thread or a timer keeps a process alive. */
  test.for([
    { command: 'check', options: ['resolution', '--bound', 'connects=1', '--workers', '2'] },
    { command: 'replay', options: ['traces/corpus/D2-off-path-12.json', '--on', 'stack'] },
  ])('$command exits by itself', async ({ command, options }) => {
    const { status, stdout } = await spawnServal([command, ...options, '--json'], { script })
    expect([0, 1]).toContain(status)
    expect(JSON.parse(stdout)).toBeTypeOf('object')
  })

  test('a reader that stops after the first line causes no error', async () => {
    const command = `"$0" "$1" models | head -n 1`
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', command, process.execPath, script])
    expect([stdout, stderr]).toEqual(['handshake\n', ''])
  })

  test('a full disk behind the output is an error, and behind the messages none', async () => {
    const inShell = (command: string) => spawnSync('sh', ['-c', command, process.execPath, script])
    const { status, stderr } = inShell('"$0" "$1" models > /dev/full')
    expect([status, String(stderr)]).toEqual([
      2,
      expect.stringMatching(/^serval: CLI_WRITE: standard output: ENOSPC[^\n]*\n$/),
    ])
    expect(inShell('"$0" "$1" nothing 2> /dev/full').status).toBe(2)
  })
})
