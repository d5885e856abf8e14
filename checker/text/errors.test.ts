import { expect, test } from 'vitest'
import { clauseOf } from './errors.ts'

test('a clause for a message: no capital letter, no full stop, no Markdown', () => {
  expect(clauseOf(['No rule matches the service.', 'Give `via`, or add a rule.'])).toBe(
    "no rule matches the service; give 'via', or add a rule",
  )
  expect(clauseOf(['A file is damaged.', 'TLS needs it.'])).toBe('a file is damaged; TLS needs it')
})
