import { expect, test } from 'vitest'
import { parseAddress } from '../link/address.ts'
import { addressOn } from './addressChoice.ts'

const here = parseAddress('127.0.0.1', 54325)

test('an interface or an address selects an address of the host', () => {
  expect(addressOn([here], 'lo')).toBe(here)
  expect(addressOn([here], '127.0.0.1')).toBe(here)
  expect(addressOn([here], '127.0.0.2')).toBe(0)
})

test.for([
  'constructor',
  '__proto__',
  'toString',
  'eth99',
  '',
])("'%s' is neither, and the error says so", text => {
  expect(() => addressOn([here], text)).toThrow(expect.objectContaining({ code: 'LINK_ADDRESS' }))
})
