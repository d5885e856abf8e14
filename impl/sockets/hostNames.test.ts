import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { HOST_SUFFIX, serviceOfHost } from './hostNames.ts'
import { Server, Socket, Stack } from './index.ts'

describe('host names of services', () => {
  test.for([
    ['web.acme.serval', 'acme/web'],
    ['a.b.c.d.serval', 'd/c/b/a'],
    ['WEB.Acme.SERVAL', 'acme/web'],
    ['web.acme.serval.', 'acme/web'],
    ['web.serval', 'web'],
  ])('%s is %s', ([host, service]) => {
    expect(serviceOfHost(host as string)).toBe(service)
  })

  test.for([
    '',
    'serval',
    HOST_SUFFIX,
    'example.com',
    'web.acme.serval.com',
    'web..serval',
    '.web.serval',
    '127.0.0.1',
  ])("'%s' names no service", host => {
    expect(serviceOfHost(host)).toBeUndefined()
  })
})

describe('arguments made for net', () => {
  test('reach the service: a port with a host, or options with a host', async () => {
    await using stack = new Stack({ addresses: ['127.0.0.1'] })
    await using server = new Server({ stack }, socket => socket.end('here'))
    server.listen(80, 'web.acme.serval')
    await once(server, 'listening')
    for (const connect of [
      (socket: Socket) => socket.connect(5432, 'web.acme.serval'),
      (socket: Socket) => socket.connect({ port: 80, host: 'WEB.acme.serval' }),
      (socket: Socket) => socket.connect('acme/web'),
    ]) {
      const socket = connect(new Socket({ stack }))
      await once(socket, 'connect')
      const [bytes] = await once(socket, 'data')
      expect(`${bytes}`).toBe('here')
      socket.destroy()
    }
  })

  test.for([
    [(socket: Socket) => socket.connect(80, 'example.com'), 'ENOTFOUND'],
    [(socket: Socket) => socket.connect({ port: 80, host: 'example.com' }), 'ENOTFOUND'],
    [(socket: Socket) => socket.connect(80), 'ERR_MISSING_ARGS'],
    [(socket: Socket) => socket.connect({ port: 80 }), 'ERR_MISSING_ARGS'],
    [(socket: Socket) => socket.connect(null as never), 'ERR_MISSING_ARGS'],
    [(socket: Socket) => socket.connect(undefined as never), 'ERR_MISSING_ARGS'],
  ] as const)('that name no service are rejected: %s', ([connect, code]) => {
    const socket = new Socket()
    expect(() => connect(socket)).toThrow(expect.objectContaining({ code }))
    socket.destroy()
  })
})
