import { expect, test, vi } from 'vitest'
import { PlaneError } from '../../impl/controller/index.ts'
import { denials } from './security.ts'

test('a flood of denials does not fill the log, and each is said once', () => {
  const lines: string[] = []
  const write = vi.spyOn(process.stderr, 'write').mockImplementation(text => lines.push(String(text)) > 0)
  try {
    let now = 0
    const denied = denials(() => now)
    const name = (i: number) => new PlaneError('CONTROLLER_OWNER', `'acme/s${i}' belongs to a key`)
    for (let i = 0; i < 10_000; i++) denied('192.0.2.1:7', name(i))
    for (let i = 0; i < 5; i++) denied('192.0.2.1:8', name(0))
    expect(lines).toHaveLength(20)
    expect(lines[0]).toBe("denied 192.0.2.1: CONTROLLER_OWNER: 'acme/s0' belongs to a key\n")
    now = 1000
    denied('192.0.2.2:7', name(7))
    expect(lines.slice(20)).toEqual([
      expect.stringMatching(/^denied 192\.0\.2\.2: .*\(9,980 other denials are not shown\)\n$/),
    ])
  } finally {
    write.mockRestore()
  }
})
