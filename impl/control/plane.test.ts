import { once } from 'node:events'
import { expect, test } from 'vitest'
import { connect } from '../socket/index.ts'
import { ask, Plane, serve } from './testing/plane.ts'

test('a client finds a service by its name alone', async () => {
  await using plane = new Plane()
  const { at } = await plane.controller()
  const [server, client] = [await plane.host([at]), await plane.host([at])]
  await serve(server, 'acme/web', 'hello')
  expect(await ask(client.stack, 'acme/web')).toBe('hello')
  expect(client.agent.rules.size).toBe(1)
})

test('a service that nobody has is not found', async () => {
  await using plane = new Plane()
  const { at } = await plane.controller()
  const client = await plane.host([at])
  const socket = connect({ service: 'acme/nothing', stack: client.stack })
  expect((await once(socket, 'error'))[0]).toMatchObject({ code: 'ENOTFOUND' })
})
