/** Describes a file of settings once: the codec that reads it, and the JSON Schema that editors take. */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { must } from '../../checker/text/at.ts'

interface AnyField {
  readonly codec: t.Mixed
  readonly schema: object
}

export interface Field<A> extends AnyField {
  readonly codec: t.Type<A>
}

type Of<F extends AnyField> = t.TypeOf<F['codec']>

/** A name, an address or a path in one line. */
const LINE = /^[^\r\n]{1,1024}$/

const refined = <A>(name: string, is: (value: unknown) => value is A): t.Type<A> =>
  new t.Type<A>(
    name,
    is,
    (value, context) => (is(value) ? t.success(value) : t.failure(value, context)),
    t.identity,
  )

/** A number is its digits: YAML reads a port without quotes as one. */
export const text = (description: string): Field<string> => ({
  codec: new t.Type<string>(
    'a text',
    (value): value is string => typeof value === 'string' && LINE.test(value),
    (value, context) => {
      const line = Number.isSafeInteger(value) ? String(value) : value
      return typeof line === 'string' && LINE.test(line) ? t.success(line) : t.failure(value, context)
    },
    t.identity,
  ),
  schema: { type: ['string', 'integer'], description },
})

export const whole = (description: string, least: number, most: number): Field<number> => ({
  codec: refined(
    `a whole number from ${least} to ${most}`,
    (value): value is number =>
      Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  ),
  schema: { type: 'integer', minimum: least, maximum: most, description },
})

export const flag = (description: string): Field<true> => ({
  codec: refined('true', (value): value is true => value === true),
  schema: { const: true, description },
})

export const choice = <const S extends string>(description: string, ...values: readonly S[]): Field<S> => ({
  codec: refined(`one of ${values.join(', ')}`, (value): value is S => values.includes(value as S)),
  schema: { enum: values, description },
})

export const list = <A>(description: string, of: Field<A>): Field<readonly A[]> => ({
  codec: t.readonlyArray(of.codec),
  schema: { type: 'array', items: of.schema, description },
})

export const map = <A>(description: string, of: Field<A>): Field<Readonly<Record<string, A>>> => ({
  codec: t.record(t.string, of.codec),
  schema: { type: 'object', additionalProperties: of.schema, description },
})

/** All fields are optional, and there are no others. */
export function object<F extends Readonly<Record<string, AnyField>>>(
  description: string,
  fields: F,
): Field<{ readonly [K in keyof F]?: Of<F[K]> }> {
  type A = { readonly [K in keyof F]?: Of<F[K]> }
  const names = Object.keys(fields)
  const inner = t.partial(Object.fromEntries(names.map(name => [name, must(fields[name]).codec])))
  const stranger = refined(`one of ${names.join(', ')}`, (_): _ is never => false)
  const codec = new t.Type<A>(
    'a map',
    (value): value is A => !isLeft(codec.decode(value)),
    (value, context) => {
      const unknown = isMap(value) ? Object.keys(value).find(name => !Object.hasOwn(fields, name)) : undefined
      if (unknown === undefined) return inner.validate(value, context) as t.Validation<A>
      return t.failure(unknown, t.appendContext(context, unknown, stranger, unknown))
    },
    t.identity,
  )
  const properties = Object.fromEntries(names.map(name => [name, must(fields[name]).schema]))
  return { codec, schema: { type: 'object', additionalProperties: false, properties, description } }
}

const isMap = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
