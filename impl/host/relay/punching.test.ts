import { expect, test } from 'vitest'
import { CONNECTED } from '../../../spec/machines/flow/notices.ts'
import { MIGRATION } from '../../../spec/machines/flow/states.ts'
import { parseAddress } from '../../link/address.ts'
import type { Flow } from '../flows/flow.ts'
import type { HostAddresses } from '../paths/hostAddresses.ts'
import { Punching } from './punching.ts'
import { FIRST_PUNCH_MS, Relayed } from './relayed.ts'

const RELAY = parseAddress('10.0.9.9')

test('each flow tries when it is due, and the next time is that of the earliest one that waits', () => {
  const relayed = new Relayed(RELAY)
  const moved: Flow[] = []
  const punching = new Punching({
    places: { isOwn: () => true } as unknown as HostAddresses,
    migrate: flow => moved.push(flow),
  })
  const newFlow = (): Flow =>
    ({
      ...{ migration: MIGRATION.INITIAL, isLive: true, peer: RELAY, relayed },
      state: { capabilities: 0xffff },
    }) as unknown as Flow
  const flows = Array.from({ length: 4 }, newFlow)
  expect(punching.nextTimeout()).toBe(Infinity)
  for (const [i, flow] of flows.entries()) punching.heard(flow, relayed, CONNECTED, i)
  expect(punching.nextTimeout()).toBe(FIRST_PUNCH_MS)
  punching.poll(FIRST_PUNCH_MS - 1)
  expect(moved).toEqual([])
  punching.poll(FIRST_PUNCH_MS + 1)
  expect(moved).toEqual(flows.slice(0, 2))
  expect(punching.nextTimeout()).toBe(FIRST_PUNCH_MS + 2)
})
