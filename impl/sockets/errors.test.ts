import { expect, test } from 'vitest'
import { LinkError } from '../link/errors.ts'
import { asSocketError } from './errors.ts'

test('an invalid option of a link is named in the message, because EINVAL alone names nothing', () => {
  const cause = new LinkError('LINK_OPTION', 'an MTU of 0 is out of range; give 1 to 65535 bytes')
  const error = asSocketError(cause, 'bind')
  expect(error).toMatchObject({ code: 'EINVAL', syscall: 'bind', cause })
  expect(error.message).toBe('bind EINVAL: an MTU of 0 is out of range; give 1 to 65535 bytes')
})
