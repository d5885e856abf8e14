/**
 * A change that concerns many hosts is announced over many turns of the event loop; each host gets the state of its
 * turn.
 */

import { once } from 'node:events'
import { expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { printServiceId, serviceIdOf } from '../host/services/serviceId.ts'
import { connect, type Socket } from '../sockets/index.ts'
import { costOfTargets } from './cost.ts'
import { CONTROLLER_SERVICE, decodeAnswer, encode, type Question, type RulesAnswer } from './messages.ts'
import { Plane, until } from './testing/plane.ts'
import { WORK_PER_TURN } from './turns.ts'
import { Views } from './views.ts'

const WEB = printServiceId(serviceIdOf('acme/web'))
const [INSTANCES, ASKERS] = [500, 40]

/** Opens a host of the controller at `via`, and records what it learns of the service. */
async function host(plane: Plane, via: string) {
  const stack = await plane.stack()
  const socket: Socket = connect({ service: CONTROLLER_SERVICE, via, stack })
  const told = { rules: undefined as RulesAnswer | undefined, confirmed: 0 }
  let begun = ''
  socket.on('error', () => {})
  socket.on('data', chunk => {
    const lines = (begun + chunk).split('\n')
    begun = must(lines.pop())
    for (const answer of lines.map(decodeAnswer)) {
      if (answer.type === 'rules' && answer.prefix === WEB) told.rules = answer
      if (answer.type === 'confirmed') told.confirmed++
    }
  })
  await once(socket, 'connect')
  const [address] = must(stack.addresses[0]).split(':')
  return { told, address: must(address), say: (line: Question) => void socket.write(encode(line)) }
}

/** Sums up the work of each turn by the rules sent in it. */
function workPerTurn() {
  const work = [0]
  let answers = 0
  let timer = setImmediate(function turn() {
    work.push(0)
    timer = setImmediate(turn)
  })
  const { tell } = Views.prototype
  Views.prototype.tell = function (...args) {
    const told = tell.apply(this, args)
    work[work.length - 1] = must(work[work.length - 1]) + told.work
    answers++
    return told
  }
  return {
    work,
    get answers() {
      return answers
    },
    [Symbol.dispose]() {
      clearImmediate(timer)
      Views.prototype.tell = tell
    },
  }
}

/** Opens a service with many instances of one owner, and hosts that have asked for it. */
async function crowd(plane: Plane) {
  const { at } = await plane.controller()
  const owner = await host(plane, at)
  const claim = (i: number) => ({
    ...{ service: 'acme/web', instance: `instance-${i}`, address: `${owner.address}:${i + 1}` },
  })
  const register = (i: number, version: number, weight: number): void =>
    owner.say({ type: 'register', ...claim(i), version, priority: 100, weight, leaseMs: 600_000 })
  const unregister = (i: number, version: number): void =>
    owner.say({ type: 'unregister', ...claim(i), version })
  for (let i = 0; i < INSTANCES; i++) register(i, 1, 1)
  await until(() => owner.told.confirmed === INSTANCES)
  const askers = await Promise.all(Array.from({ length: ASKERS }, () => host(plane, at)))
  for (const { say } of askers) say({ type: 'resolve', service: 'acme/web' })
  await until(() => askers.every(({ told }) => told.rules?.targets.length === INSTANCES))
  return { owner, askers, register, unregister }
}

const weighs = ({ targets }: RulesAnswer): number => Math.max(...targets.map(({ weight }) => weight))

test('changes of a popular service leave room for others in each turn, and all hosts get only the last change', async () => {
  await using plane = new Plane()
  const { askers, register } = await crowd(plane)
  using counted = workPerTurn()
  for (let version = 2; version < 12; version++) register(0, version, version)
  await until(() => askers.every(({ told }) => weighs(must(told.rules)) === 11))
  const one = costOfTargets(INSTANCES)
  const all = counted.work.reduce((sum, work) => sum + work)
  expect(Math.max(...counted.work)).toBeLessThan(WORK_PER_TURN + one)
  expect(all).toBeGreaterThanOrEqual(ASKERS * one)
  expect(all).toBeLessThan(10 * ASKERS * one)
})

test('a host that withdraws an instance is answered after the hosts that asked for it', async () => {
  await using plane = new Plane()
  const { owner, unregister } = await crowd(plane)
  using counted = workPerTurn()
  unregister(0, 2)
  await until(() => owner.told.confirmed === INSTANCES + 1)
  expect(counted.answers).toBe(ASKERS)
})
