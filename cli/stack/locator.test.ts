/** Addresses of services are asked for once a second, and by all who wait together. */
import { expect, test } from 'vitest'
import { Locator } from './locator.ts'

test('an answer counts for a second, for all who ask meanwhile', async () => {
  let nowMs = 0
  const asked: string[] = []
  const locator = new Locator(
    async service => {
      asked.push(service)
      return `127.0.0.1:${asked.length}`
    },
    () => nowMs,
  )
  const [one, two] = await Promise.all([locator.locate('acme/web'), locator.locate('acme/web')])
  expect([one, two, await locator.locate('acme/db')]).toEqual(['127.0.0.1:1', '127.0.0.1:1', '127.0.0.1:2'])
  nowMs = 999
  expect(await locator.locate('acme/web')).toBe('127.0.0.1:1')
  nowMs = 1000
  expect(await locator.locate('acme/web')).toBe('127.0.0.1:3')
})

test('a service that nobody offers, and a question that fails', async () => {
  const nobody = new Locator(
    async () => undefined,
    () => 0,
  )
  await expect(nobody.locate('acme/web')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  const broken = new Locator(
    async () => {
      throw new Error('broken')
    },
    () => 0,
  )
  await expect(broken.locate('acme/web')).rejects.toThrow('broken')
})

test('the oldest of many answers is forgotten', async () => {
  let asked = 0
  const locator = new Locator(
    async () => `127.0.0.1:${++asked}`,
    () => 0,
  )
  for (let i = 0; i <= 1024; i++) await locator.locate(`acme/s${i}`)
  expect(await locator.locate('acme/s1024')).toBe('127.0.0.1:1025')
  expect(await locator.locate('acme/s0')).toBe('127.0.0.1:1026')
})
