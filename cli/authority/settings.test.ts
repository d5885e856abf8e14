import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { printPrefix, servicePrefixOf } from '../../impl/host/services/serviceId.ts'
import { readAuthority } from './settings.ts'

const KEY = 'ed25519:Ec1i4H5UYEqjYezyzR5efZpKFoHqjnLAeMss8v7urVw'

test.for([
  '007',
  '1e3',
  '0x10',
  'null',
  '1e999',
  '__proto__',
])('the key of the name %s protects this name', name => {
  const folder = mkdtempSync(join(tmpdir(), 'serval-authority-'))
  try {
    const file = join(folder, 'authority.yaml')
    writeFileSync(file, `keys:\n  ${name}:\n    - ${KEY}\n`)
    expect(readAuthority(file).mayServe({ id: printPrefix(servicePrefixOf(name)) })).toBe(false)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
