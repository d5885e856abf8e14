import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Turns, WORK_PER_TURN } from './turns.ts'

test('a host that asks for much does as much per turn as fits, and another has its turn', async () => {
  const turns = new Turns()
  const done: string[] = []
  const work = async (name: string, times: number) => {
    for (let i = 0; i < times; i++) {
      await turns.take(WORK_PER_TURN / 4)
      done.push(name)
    }
  }
  const all = Promise.all([work('much', 40), work('little', 1)])
  await turn()
  expect(done.length).toBeLessThanOrEqual(8)
  await turn()
  expect(done).toContain('little')
  await all
  expect(done.length).toBe(41)
})

test('work that requeues itself runs once per turn when it fills it, after everything queued before', async () => {
  const turns = new Turns()
  const done: string[] = []
  const again = (): number => {
    done.push('again')
    if (done.length < 4) turns.later(again)
    return WORK_PER_TURN
  }
  turns.later(again)
  turns.later(() => done.push('other'))
  await turn()
  expect(done).toEqual(['again'])
  await turn()
  expect(done).toEqual(['again', 'other', 'again'])
  await turn()
  expect(done.length).toBe(4)
})
