import { expect, test } from 'vitest'
import { stepFunction } from '../../../checker/lower/standalone.ts'
import { flow, flowInterface } from './compiled.ts'

test('the flow machine compares and copies identifiers, and computes with versions without bit operators', () => {
  expect(() => stepFunction(flow, flowInterface)).not.toThrow()
  // This proves something about the declared names: with others it fails.
  expect(() => stepFunction(flow, { ...flowInterface, opaque: ['sndNxt'] })).toThrow('LOWER_OPAQUE')
  expect(() => stepFunction(flow, { ...flowInterface, wide: ['owed'] })).toThrow('LOWER_TYPE')
})
