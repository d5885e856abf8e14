import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Condition, checkOf, FAILURES, SUCCESSES } from './healthCheck.ts'

const ever = new AbortController().signal
const soon = (): AbortSignal => AbortSignal.timeout(200)

describe('an instance', () => {
  /** Returns the condition after each result. */
  const after = (results: string): string => {
    const condition = new Condition()
    return [...results]
      .map(result => {
        condition.note(result === '+')
        return condition.isFailing ? 'f' : 'w'
      })
      .join('')
  }

  test('fails until its first success, then after failures in a row, and returns after successes in a row', () => {
    expect([FAILURES, SUCCESSES]).toEqual([3, 2])
    expect(after('--+--+---+-++')).toBe('ffwwwwwwffffw')
  })
})

describe('a check', () => {
  test('over HTTP wants a status from 200 to 399, and follows no redirection', async () => {
    const asked: string[] = []
    const server = createHttp(({ url = '' }, response) => {
      asked.push(url)
      if (url !== '/hang') response.writeHead(Number(url.slice(1)), { location: '/500' }).end('x')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await checkOf(`${at}/200`)(ever)
    await checkOf(`${at}/302`)(ever)
    await expect(checkOf(`${at}/404`)(ever)).rejects.toThrow('HTTP status 404')
    await expect(checkOf(`${at}/hang`)(soon())).rejects.toThrow()
    expect(asked).toEqual(['/200', '/302', '/404', '/hang'])
    server.closeAllConnections()
    server.close()
  })

  test('over TCP wants a connection', async () => {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await checkOf(`tcp:${port}`)(ever)
    await checkOf(`tcp:127.0.0.1:${port}`)(ever)
    await new Promise(resolve => server.close(resolve))
    await expect(checkOf(`tcp:${port}`)(ever)).rejects.toThrow('ECONNREFUSED')
  })

  test('by a command wants the exit code 0 in time, and leaves no process behind', async () => {
    await checkOf('exec:test 1 = 1')(ever)
    await expect(checkOf('exec:exit 3')(ever)).rejects.toThrow('the command ended with 3')
    const folder = mkdtempSync(join(tmpdir(), 'serval-check-'))
    const file = join(folder, 'pid')
    const limit = new AbortController()
    const checked = checkOf(`exec:sleep 60 & echo $! > ${file}; sleep 60; true`)(limit.signal)
    while (!existsSync(file) || readFileSync(file, 'utf8') === '') await wait(10)
    limit.abort()
    await expect(checked).rejects.toThrow()
    expect(() => process.kill(Number(readFileSync(file, 'utf8')), 0)).toThrow('ESRCH')
    rmSync(folder, { recursive: true })
  })

  test.each(['8080', 'udp:1', 'tcp:99999', 'http://', 'exec:', ''])('is not %j', text => {
    expect(() => checkOf(text)).toThrow(/CLI_(CHECK|ENDPOINT)/)
  })
})
