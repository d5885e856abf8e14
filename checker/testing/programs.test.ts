import { expect, test } from 'vitest'
import { optionalProgram } from './programs.ts'

const absent = ['serval-has-no-such-program']

test('an installed program is found', () => {
  expect(optionalProgram([...absent, process.execPath], '--version', 'nothing', '')).toBe(process.execPath)
})

test('a missing program skips its tests, but fails them under CI', () => {
  expect(optionalProgram(absent, '--version', 'this test says so', '')).toBeUndefined()
  expect(() => optionalProgram(absent, '--version', 'nothing is drawn', 'true')).toThrow(
    'serval-has-no-such-program is not installed: nothing is drawn; .ci/install brings it',
  )
})
