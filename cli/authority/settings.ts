/** The file of `serval controller --authority`: who may register which names. */
import { Authority } from '../../impl/controller/index.ts'
import { readDocument, textOf } from '../up/document.ts'
import { list, map, object, text } from '../up/field.ts'

const authority = object('Who may register which names at a controller.', {
  keys: map(
    'The public keys to which prefixes belong.',
    list('What serval key show prints. Several while one replaces another.', text('ed25519:...')),
  ),
  tokens: map(
    'What serval key token prints, by names for the hosts. With any, each host must show one.',
    text('sha256:...'),
  ),
})

/** Reads the file. Throws CLI_READ, and CLI_SETTINGS with the line and column of a fault. */
export function readAuthority(file: string): Authority {
  const { value, at } = readDocument(textOf(file), file, authority.codec)
  const { keys = {}, tokens = {} } = value
  for (const [prefix, those] of Object.entries(keys))
    at(['keys', prefix], () => new Authority({ keys: { [prefix]: those } }))
  for (const [name, hash] of Object.entries(tokens))
    at(['tokens', name], () => new Authority({ tokens: { [name]: hash } }))
  return at([], () => new Authority({ keys, tokens }))
}
