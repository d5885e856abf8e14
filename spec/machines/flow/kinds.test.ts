import { expect, test } from 'vitest'
import { checkKinds } from '../../../checker/lower/kinds.ts'
import { flow, flowInterface } from './compiled.ts'

test('the flow machine compares and copies identifiers, and computes with versions without bit operators', () => {
  expect(() => checkKinds(flow, flowInterface)).not.toThrow()
  // This proves something about the declared names: with others it fails.
  expect(() => checkKinds(flow, { ...flowInterface, opaque: ['sndNxt'] })).toThrow('LOWER_OPAQUE')
  expect(() => checkKinds(flow, { ...flowInterface, wide: ['owed'] })).toThrow('LOWER_TYPE')
})
