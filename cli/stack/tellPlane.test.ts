import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { tellPlane } from './tellPlane.ts'

const REFUSAL = { code: 'CONTROLLER_TLS', message: 'CONTROLLER_TLS: write tls://' }

/** An agent, and what the command says of it. */
function told(): { agent: EventEmitter; lines: string[] } {
  const agent = new EventEmitter()
  const lines: string[] = []
  tellPlane(agent, ['192.0.2.1'], text => lines.push(text))
  return { agent, lines }
}

test('a host that its controller turns away says so once, however often it tries', () => {
  const { agent, lines } = told()
  for (let tries = 0; tries < 3; tries++) {
    agent.emit('connected', '192.0.2.1:54326')
    agent.emit('refused', REFUSAL)
    agent.emit('lost')
  }
  expect(lines).toEqual(['controller at 192.0.2.1:54326', `the controller refuses: ${REFUSAL.message}`])
})

test('a controller that accepts the host later is reported when it is gone', () => {
  const { agent, lines } = told()
  agent.emit('connected', '192.0.2.1:54326')
  agent.emit('refused', REFUSAL)
  agent.emit('lost')
  agent.emit('connected', '192.0.2.1:54326')
  agent.emit('lost')
  agent.emit('connected', '192.0.2.2:54326')
  expect(lines.slice(2)).toEqual([
    'the controller is gone; looking for another',
    'controller at 192.0.2.2:54326',
  ])
})

test('a refused service leaves the connection, whose end is reported', () => {
  const { agent, lines } = told()
  agent.emit('connected', '192.0.2.1:54326')
  agent.emit('refused', { code: 'CONTROLLER_OWNER', message: 'CONTROLLER_OWNER: no' })
  agent.emit('lost')
  expect(lines.at(-1)).toBe('the controller is gone; looking for another')
})
