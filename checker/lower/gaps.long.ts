/** Programs whose limit takes seconds to reach. `gaps.test.ts` lowers the quicker ones. */
import { expect, test } from 'vitest'
import { endless, lowerEndless } from './testing/endless.ts'

test.for(Object.entries(endless))('lowering rejects %s that grow beyond all bounds', ([, text]) => {
  expect(() => lowerEndless(text)).toThrow(expect.objectContaining({ code: 'LOWER_SIZE' }))
})
