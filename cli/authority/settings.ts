/** The file of `serval controller --authority`: who may register and resolve which names. */
import { Access } from '../../impl/controller/authority/access.ts'
import { Tokens } from '../../impl/controller/authority/tokens.ts'
import { Authority } from '../../impl/controller/index.ts'
import { readDocument, textOf } from '../up/document.ts'
import { list, map, object, text } from '../up/field.ts'

const authority = object('Who may register and resolve which names at a controller.', {
  keys: map(
    'The public keys to which prefixes belong.',
    list('What serval key show prints. Several while one replaces another.', text('ed25519:...')),
  ),
  tokens: map(
    'What serval key token prints, by names for the hosts. With any, each host must show one.',
    text('sha256:...'),
  ),
  access: map(
    'Which hosts may register names without a key, and resolve names, by prefix.',
    object('Lists of names of tokens and of networks. Without a list, all hosts may.', {
      register: list('The hosts that may register these names.', text('10.0.0.0/8')),
      resolve: list('The hosts that may learn where these names are.', text('10.0.0.0/8')),
    }),
  ),
})

/** Reads the file. Throws CLI_READ, and CLI_SETTINGS with the line and column of a fault. */
export function readAuthority(file: string): Authority {
  const { value, at } = readDocument(textOf(file), file, authority.codec)
  const { keys = {}, tokens = {}, access = {} } = value
  for (const [prefix, those] of Object.entries(keys))
    at(['keys', prefix], () => new Authority({ keys: { [prefix]: those } }))
  for (const [name, hash] of Object.entries(tokens))
    at(['tokens', name], () => new Authority({ tokens: { [name]: hash } }))
  const { names } = new Tokens(tokens)
  for (const [prefix, lists] of Object.entries(access))
    at(['access', prefix], () => new Access({ [prefix]: lists }, names))
  return at([], () => new Authority({ keys, tokens, access }))
}
