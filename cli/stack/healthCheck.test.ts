import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { checkOf } from './checks.ts'
import { Condition, FAILURES, faultOf, SUCCESSES } from './healthCheck.ts'

const ever = new AbortController().signal

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
  test('gives a command neither the token nor the debugging of this one', async () => {
    process.env.SERVAL_TOKEN = process.env.SERVAL_DEBUG = 'secret'
    try {
      const checked = checkOf('exec:test -z "$SERVAL_TOKEN$SERVAL_DEBUG" -a -n "$PATH"')(ever)
      await expect(checked).resolves.toBeUndefined()
    } finally {
      delete process.env.SERVAL_TOKEN
      delete process.env.SERVAL_DEBUG
    }
  })

  test('over HTTP wants a status from 200 to 399, and follows no redirection', async () => {
    const asked: string[] = []
    const limit = new AbortController()
    const server = createHttp(({ url = '' }, response) => {
      asked.push(url)
      if (url === '/hang') limit.abort()
      else response.writeHead(Number(url.slice(1)), { location: '/500' }).end('x')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await checkOf(`${at}/200`)(ever)
    await checkOf(`${at}/302`)(ever)
    await expect(checkOf(`${at}/404`)(ever)).rejects.toThrow('HTTP status 404')
    await expect(checkOf(`${at}/hang`)(limit.signal)).rejects.toThrow()
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

  test('over HTTP sends the credentials of its URL', async () => {
    const asked: (string | undefined)[] = []
    const server = createHttp(({ headers }, response) => {
      asked.push(headers.authorization)
      response.end()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await checkOf(`http://user:secret@127.0.0.1:${port}/`)(ever)
    expect(asked).toEqual([`Basic ${btoa('user:secret')}`])
    server.close()
  })

  test.each([
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
    ['that it will answer', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['endless headers', `HTTP/1.1 200 OK\r\na: ${'x'.repeat(100_000)}`],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n'],
    ['nothing', ''],
  ])('over HTTP fails if the server sends %s', async (_, text) => {
    const server = createServer(socket => socket.on('error', () => {}).end(text))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await expect(checkOf(`http://127.0.0.1:${port}/`)(ever)).rejects.toThrow(/./)
    server.close()
  })

  test('over HTTP reads no endless body', async () => {
    const server = createHttp((_, response) => {
      const more = (): void => {
        if (response.write('x'.repeat(65_536))) setImmediate(more)
      }
      response.on('drain', more).once('close', () => server.close())
      more()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    await checkOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)(ever)
    await new Promise(resolve => server.once('close', resolve))
    expect(server.listening).toBe(false)
  })

  test('names the fault of each address of a host', async () => {
    const check = () => Promise.reject(new AggregateError([new Error('one'), new Error('other')]))
    expect(await faultOf(check, 1000, ever)).toBe('one; other')
  })

  test.each([
    ...['8080', 'udp:1', 'tcp:99999', 'tcp:0', 'http://', 'http:8080', 'exec:', 'exec: ', 'exec:a\0b', ''],
    'HTTP://127.0.0.1/',
  ])('is not %j', text => {
    expect(() => checkOf(text)).toThrow(/CLI_(CHECK|ENDPOINT)/)
  })
})
