import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { linesOf } from './lines.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

function held(): number {
  collect()
  return process.memoryUsage().heapUsed
}

test('a line that arrives letter by letter takes as much memory as its letters', async () => {
  const SENT = 60_000
  let more = 0
  async function* letters() {
    const before = held()
    for (let i = 0; i < SENT; i++) yield Buffer.from(i % 2 === 0 ? 'ä' : 'x')
    more = held() - before
    yield Buffer.from('\n')
  }
  const lines: string[] = []
  for await (const line of linesOf(letters(), SENT)) lines.push(line)
  expect(lines).toEqual(['äx'.repeat(SENT / 2)])
  // Joined letters would take 32 bytes each.
  expect(more).toBeLessThan(10 * SENT)
})
