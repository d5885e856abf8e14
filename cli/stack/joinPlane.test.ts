import { expect, test, vi } from 'vitest'
import { Stack } from '../../impl/sockets/index.ts'
import { joinPlane } from './joinPlane.ts'

test('each refusal is reported once, also while several services are refused in turns', async () => {
  await using stack = await new Stack({ addresses: ['127.0.0.1:0'] }).opened()
  const agent = joinPlane(stack, { controller: ['127.0.0.9:1'] })
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const refuse = () => {
    for (const service of ['acme/web', 'acme/mail'])
      agent?.emit('refused', { message: `${service} is evicted` })
    return write.mock.calls.splice(0).length
  }
  const counts = [refuse(), refuse()]
  agent?.emit('registered', 'acme/web')
  counts.push(refuse())
  write.mockRestore()
  expect(counts).toEqual([2, 0, 2])
})
