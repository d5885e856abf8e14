import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { scratchFolder } from '../../checker/testing/scratchFolder.ts'
import { Agent } from '../../impl/controller/agent.ts'
import { Stack } from '../../impl/sockets/index.ts'
import { Offers } from './offers.ts'
import type { ServiceSettings } from './settings.ts'

test('the check of a service that cannot be offered ends', async () => {
  using folder = scratchFolder()
  await using stack = await new Stack({ addresses: ['127.0.6.31:0'] }).opened()
  const offers = new Offers(stack, new Agent({ stack }))
  await offers.apply(new Map([['acme/web', { echo: true }]]))
  const file = join(folder.path, 'checked')
  const checked = { echo: true as const, check: `exec:sleep 0.2; touch ${file}` }
  // Another spelling of the same service.
  const two = new Map<string, ServiceSettings>([
    ['acme/web', { echo: true as const }],
    ['Acme/Web', checked],
  ])
  await expect(offers.apply(two)).rejects.toThrow('EADDRINUSE')
  await wait(600)
  expect(existsSync(file)).toBe(false)
})
